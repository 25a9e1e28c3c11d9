"""Runs that are planned ahead, many at a time: they differ in their time alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from core import bulk, sql
from core.actor import Actor
from core.dialect import THREE
from core.ids import uuid7s
from events import hub
from runs.creation import INSERTED, Draft, NewFlowRun, draft
from runs.models import FlowRun, FlowRunState
from runs.names import run_name
from runs.orchestration import writer
from runs.orchestration.transition import Proposal, stamp
from runs.states import StateType

Span = tuple[datetime | None, datetime]  # the instant before, and the one it is due at

# what the runs of a series do not have in common
OWN = (
    "id",
    "name",
    "idempotency_key",
    "state_id",
    "interval_start",
    "interval_end",
    "expected_start_time",
    "next_scheduled_start_time",
)


@dataclass(frozen=True, slots=True)
class Series:
    """Scheduled runs that take after a pattern, one for each span.

    `stem` and the due time make a run's idempotency key. The pattern has neither state
    nor times, and is no subflow.
    """

    pattern: NewFlowRun
    stem: str
    message: str
    spans: Sequence[Span]


def key_at(stem: str, due: datetime) -> str:
    """The idempotency key of the run that is due at a time."""
    return f"{stem} {due}"


def create_series(many: Sequence[Series], *, actor: Actor, now: datetime) -> int:
    """Make the runs with their first states; those whose key is taken are left out.

    The rules work out the first run of each series, the others are that run at another
    time. Of runs that nothing happened to yet no event tells: there may be thousands.
    The caller has a transaction. Returns how many were made.
    """
    runs: list[tuple[Any, ...]] = []
    states: list[tuple[Any, ...]] = []
    columns: tuple[str, ...] = ()
    for series in many:
        if not series.spans:
            continue
        first = _first(series, actor, now)
        rest = {name: value for name, value in first.columns.items() if name not in OWN}
        columns = (*OWN, *rest)
        common = tuple(writer.encoded(name, value) for name, value in rest.items())
        for own, state in _each(series, first):
            runs.append(own + common)
            states.append(state)
    if not runs:
        return 0
    made = {id for (id,) in bulk.insert(FlowRun, columns, runs, after=INSERTED)}
    if len(made) < len(runs):
        states = [state for state in states if state[-1] in made]
    bulk.insert(FlowRunState, writer.STATE_COLUMNS["flow_run"], states)
    if made:
        transaction.on_commit(lambda: hub.hint("runs"))
    return len(made)


def _first(series: Series, actor: Actor, now: datetime) -> Draft:
    before, due = series.spans[0]
    details = {"scheduled_time": stamp(due)}
    state = Proposal(StateType.SCHEDULED, message=series.message, details=details)
    new = replace(series.pattern, state=state, interval_start=before, interval_end=due)
    return draft("flow_run", new, actor, THREE, now)


def _each(
    series: Series, first: Draft
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """What is each run's own, with its state's values; in the order of the columns."""
    state, encode = first.state, sql.time_in
    same = (encode(state.timestamp), state.type, state.name, state.message)
    last: tuple[datetime | None, Any] = (None, None)
    ids = iter(uuid7s(2 * len(series.spans)))
    for before, due in series.spans:
        id, state_id, at = next(ids), sql.uuid_in(next(ids)), encode(due)
        begin = last[1] if before == last[0] else encode(before)
        last = (due, at)
        key = sql.uuid_in(id)
        details = {"scheduled_time": stamp(due), "flow_run_id": str(id)}
        own = (key, run_name(), key_at(series.stem, due), state_id, begin, at, at, at)
        yield own, (state_id, *same, sql.json_in(details), None, key)
