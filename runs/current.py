"""Attaches present states to runs that were read as rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from core.prepared import Among, Prepared
from runs.models import FlowRun, FlowRunState, TaskRun, TaskRunState
from runs.models.state import State
from runs.orchestration.transition import StateValue


def attach_states(runs: Sequence[FlowRun] | Sequence[TaskRun]) -> None:
    """Set `state` of every run, results joined; one query for all.

    The runs are of one kind. A run without a state gets None.
    """
    if not runs:
        return
    table: Any = FlowRunState if isinstance(runs[0], FlowRun) else TaskRunState
    wanted = [run.state_id for run in runs if run.state_id is not None]
    found = states_by_id(table, wanted) if wanted else {}
    for run in runs:
        run.state = found.get(run.state_id) if run.state_id else None


def states_by_id(table: Any, ids: list[UUID]) -> dict[UUID, StateValue]:
    """States with their results, by id."""
    return {row.pk: value_of(row) for row in _prepared(table)({"ids": ids})}


@cache
def _prepared(table: Any) -> Prepared[State]:
    rows = table.objects.select_related("result").only(*_COLUMNS)
    return Prepared(rows.filter(Among("id", "ids")))


def value_of(state: State) -> StateValue:
    """A state row as a value; its `result` should be selected along."""
    result = state.result
    return StateValue(
        state.id,
        state.type,
        state.name,
        state.timestamp,
        state.message,
        result.data if result is not None else None,
        state.details,
    )


_COLUMNS = (
    "type",
    "name",
    "timestamp",
    "message",
    "details",
    "result",
    "result__data",
)
