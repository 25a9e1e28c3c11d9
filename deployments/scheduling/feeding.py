"""Makes the runs of back-fills, a few at a time, oldest span first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

from core import clocks
from core.sql import write
from deployments.blackouts import named
from deployments.models import Backfill, BackfillStatus, Deployment, Reprocess
from deployments.scheduling import making
from deployments.scheduling.instants import Instants
from events.hub import hint
from runs.models import FlowRun
from runs.querysets import FlowRunQuerySet
from runs.services import create_flow_runs
from runs.states import FINAL, StateType

AT_ONCE = 200  # instants decided in one transaction
SETTLED = {StateType.COMPLETED}
Tile = tuple[datetime | None, datetime]


def feed(id: UUID, *, now: datetime) -> int:
    """Make as many runs as the limit allows; how many were made.

    One that somebody else feeds, pauses or cancels right now is theirs.
    """
    with write():
        rows = Backfill.objects.claimable().filter(pk=id, status=BackfillStatus.RUNNING)
        backfill = rows.select_related("deployment").first()
        if backfill is None:
            return 0
        room = backfill.limit - open_runs(backfill).count()
        made = _make(backfill, room, now) if room > 0 else 0
        is_made = (
            backfill.made_until is not None and backfill.made_until >= backfill.end
        )
        if is_made and not open_runs(backfill).exists():
            backfill.status = BackfillStatus.DONE
        backfill.save(update_fields=["status", "made_until"])
    if made:
        hint("runs")
    return made


def open_runs(backfill: Backfill) -> FlowRunQuerySet:
    """Its runs that have not ended."""
    runs = FlowRun.objects.filter(
        deployment=backfill.deployment_id, backfill_id=backfill.pk
    )
    return runs.exclude(state_type__in=FINAL)


def just_before(instant: datetime) -> datetime:
    """Where the cursor stands when an instant is the next to decide."""
    return instant - clocks.TICK


def tiles(backfill: Backfill, *, after: datetime | None = None) -> Iterator[Tile]:
    """The spans that remain to be decided, each with the instant that ends it."""
    workspace = backfill.deployment.workspace_id
    calendars = named(backfill.calendars).get(workspace, {})
    instants = Instants(
        clocks.stored(backfill.schedule),
        calendars=tuple(calendars[n] for n in backfill.calendars if n in calendars),
    )
    start = backfill.start if after is None else after + clocks.TICK
    return instants.tiles(instants.between(start, backfill.end))


def wanted(backfill: Backfill, some: list[Tile]) -> list[Tile]:
    """Those that get a run: the others have one already."""
    if backfill.reprocess == Reprocess.ALL or not some:
        return some
    taken = _taken(backfill, [instant for _, instant in some])
    return [tile for tile in some if tile[1] not in taken]


def _make(backfill: Backfill, room: int, now: datetime) -> int:
    """Decide the next spans, until there is no room or the transaction is full."""
    rest = tiles(backfill, after=backfill.made_until)
    some = list(islice(rest, AT_ONCE))
    chosen = wanted(backfill, some)
    taken = chosen[:room]
    actor = making.acting_for(backfill.deployment)
    new = making.filled_in(backfill, taken, now=now)
    create_flow_runs(new, actor=actor, now=now)
    if len(taken) < len(chosen):
        backfill.made_until = taken[-1][1]
    elif len(some) < AT_ONCE:
        backfill.made_until = backfill.end
    else:
        backfill.made_until = some[-1][1]
    return len(taken)


def _taken(backfill: Backfill, instants: list[datetime]) -> set[datetime]:
    """Which of the instants have a run that makes another one needless."""
    deployment = backfill.deployment
    keys = _keys(backfill, deployment, instants)
    found = FlowRun.objects.filter(
        flow=deployment.flow_id, idempotency_key__in=list(keys)
    )
    if backfill.reprocess == Reprocess.FAILED:
        found = found.exclude(state_type__in=FINAL - SETTLED)
    return {keys[key] for key in found.values_list("idempotency_key", flat=True) if key}


def _keys(
    backfill: Backfill, deployment: Deployment, instants: list[datetime]
) -> dict[str, datetime]:
    """The keys under which runs of the instants may be stored."""
    others = Backfill.objects.filter(
        deployment=deployment,
        schedule_identity=backfill.schedule_identity,
        start__lte=instants[-1],
        end__gte=instants[0],
    ).exclude(pk=backfill.pk)
    keys = {
        making.key(deployment, backfill.schedule_identity, instant): instant
        for instant in instants
    }
    for other in others:
        keys |= {making.backfill_key(other, instant): instant for instant in instants}
    return keys
