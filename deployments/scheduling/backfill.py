"""Verbs on back-fills: look before, start, pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from core.loops import wake
from core.sql import write
from deployments import parameters as checking
from deployments.finding import locked, one_schedule
from deployments.models import Backfill, BackfillStatus, Deployment, Reprocess
from deployments.scheduling import feeding
from events.record import record
from runs.models import FlowRun
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Because, Proposal
from runs.states import StateType

MOST = 100_000  # instants of one back-fill
MOST_AT_ONCE = 1000  # its runs that are open at the same time
LISTED = 100  # instants of a dry run that are named
FEEDER = "backfills"  # the loop that makes the runs
STOPPED = "The back-fill was cancelled."


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What somebody wants filled in."""

    schedule_id: UUID
    start: datetime
    end: datetime
    limit: int = 1
    reprocess: str = Reprocess.MISSING
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a back-fill would make."""

    instants: int  # of the span
    runs: int  # that would be made
    first: list[datetime]  # the first of those


def dry_run(deployment_id: UUID, span: Span, *, actor: Actor) -> DryRun:
    """What would be made; nothing is stored.

    Raises:
        NotFound: there is no such deployment or schedule.
        Invalid: the span or a number means nothing.
        Conflict: the parameters do not fit the schema.
    """
    with write():
        draft = _draft(locked(deployment_id, actor), span)
    rest, number, runs = feeding.tiles(draft), 0, 0
    first: list[datetime] = []
    while some := list(islice(rest, feeding.AT_ONCE)):
        chosen = feeding.wanted(draft, some)
        number, runs = number + len(some), runs + len(chosen)
        first += [instant for _, instant in chosen[: LISTED - len(first)]]
        if number > MOST:
            raise Invalid(_too_many())
    return DryRun(number, runs, first)


def start(deployment_id: UUID, span: Span, *, actor: Actor, now: datetime) -> Backfill:
    """Begin to make the runs of a span.

    Raises:
        NotFound: there is no such deployment or schedule.
        Invalid: the span or a number means nothing.
        Conflict: the parameters do not fit the schema.
    """
    with write():
        deployment = locked(deployment_id, actor)
        backfill = _draft(deployment, span)
        if sum(1 for _ in islice(feeding.tiles(backfill), MOST + 1)) > MOST:
            raise Invalid(_too_many())
        backfill.created_by = {"type": actor.kind, "display_value": actor.name}
        backfill.created = now
        backfill.save(force_insert=True)
        _tell("started", backfill, actor, now)
    feeding.feed(backfill.pk, now=now)
    backfill.refresh_from_db()
    return backfill


def pause(id: UUID, *, actor: Actor, now: datetime) -> Backfill:
    """Make no more runs; those that nobody has taken are taken back.

    Raises:
        NotFound: there is no such back-fill.
        Conflict: it is done or cancelled.
    """
    with write():
        backfill = _locked(id, actor)
        _check_open(backfill)
        if backfill.status == BackfillStatus.RUNNING:
            _take_back(backfill)
            backfill.status = BackfillStatus.PAUSED
            backfill.save(update_fields=["status", "made_until"])
            _tell("paused", backfill, actor, now)
    return backfill


def resume(id: UUID, *, actor: Actor, now: datetime) -> Backfill:
    """Go on.

    Raises:
        NotFound: there is no such back-fill.
        Conflict: it is done or cancelled.
    """
    with write():
        backfill = _locked(id, actor)
        _check_open(backfill)
        if backfill.status == BackfillStatus.PAUSED:
            backfill.status = BackfillStatus.RUNNING
            backfill.save(update_fields=["status"])
            _tell("resumed", backfill, actor, now)
            transaction.on_commit(lambda: wake(FEEDER))
    return backfill


def cancel(id: UUID, *, actor: Actor, now: datetime) -> Backfill:
    """Make no more, and stop those that were made and have not ended.

    Raises:
        NotFound: there is no such back-fill.
    """
    with write():
        backfill = _locked(id, actor)
        if backfill.status != BackfillStatus.CANCELLED:
            backfill.status = BackfillStatus.CANCELLED
            backfill.save(update_fields=["status"])
            _tell("cancelled", backfill, actor, now)
    because = Because("CancelBackfill", STOPPED)
    for run_id, state in feeding.open_runs(backfill).values_list("pk", "state_type"):
        is_waiting = state == StateType.SCHEDULED
        wanted = StateType.CANCELLED if is_waiting else StateType.CANCELLING
        proposal = Proposal(wanted, message=STOPPED)
        propose_flow_run(run_id, proposal, actor=actor, because=because, now=now)
    return backfill


def counts(backfills: Sequence[Backfill]) -> dict[UUID, dict[str, int]]:
    """How many runs of each are in each type of state. One statement."""
    found: dict[UUID, dict[str, int]] = {row.pk: {} for row in backfills}
    runs = FlowRun.objects.filter(
        deployment__in={row.deployment_id for row in backfills},
        backfill_id__in=list(found),
    )
    rows = runs.order_by().values_list("backfill_id", "state_type")
    for id, state, number in rows.annotate(Count("pk")):
        found[id][str(state)] = number
    return found


def _draft(deployment: Deployment, span: Span) -> Backfill:
    row = one_schedule(deployment, span.schedule_id)
    _check(span)
    given = {**row.parameters, **span.parameters}
    if span.parameters:
        checking.of_run(deployment, given, enforce=None)
    return Backfill(
        deployment=deployment,
        schedule_identity=row.identity,
        schedule=row.schedule,
        calendars=row.calendars,
        start=max(span.start, row.starts_at or span.start),
        end=min(span.end, row.ends_at or span.end),
        limit=span.limit,
        reprocess=span.reprocess,
        parameters=given,
    )


def _check(span: Span) -> None:
    if span.end <= span.start:
        raise Invalid(
            "A back-fill ends after it starts, found "
            f"{span.start.isoformat()} to {span.end.isoformat()}."
        )
    if not 1 <= span.limit <= MOST_AT_ONCE:
        raise Invalid(
            f"The limit is a number from 1 to {MOST_AT_ONCE}, found {span.limit}."
        )
    if span.reprocess not in Reprocess.values:
        raise Invalid(
            f"reprocess is one of {', '.join(Reprocess.values)}; found "
            f"{span.reprocess!r:.100}."
        )


def _too_many() -> str:
    return (
        f"The span holds more than {MOST} instants of the schedule: choose a shorter "
        "one."
    )


def _take_back(backfill: Backfill) -> None:
    """Delete the runs that wait untouched; their instants are undecided again."""
    waiting = feeding.open_runs(backfill).filter(
        state_type=StateType.SCHEDULED, run_count=0
    )
    rows = dict(waiting.claimable().values_list("pk", "interval_end"))
    if rows:
        FlowRun.objects.filter(pk__in=rows).delete()
        first = min(instant for instant in rows.values() if instant is not None)
        backfill.made_until = feeding.just_before(first)


def _check_open(backfill: Backfill) -> None:
    if not backfill.is_open:
        raise Conflict(
            f"The back-fill is {backfill.status}; start another one for what is left."
        )


def _locked(id: UUID, actor: Actor) -> Backfill:
    rows: Any = Backfill.objects.visible_to(actor).locked()
    backfill: Backfill | None = rows.select_related("deployment").filter(pk=id).first()
    if backfill is None:
        raise NotFound("Back-fill not found.")
    return backfill


def _tell(verb: str, backfill: Backfill, actor: Actor, now: datetime) -> None:
    record(
        f"orion.deployment.backfill-{verb}",
        subject=backfill.deployment,
        actor=actor,
        payload={"backfill": str(backfill.pk), "what": str(backfill)},
        now=now,
    )
