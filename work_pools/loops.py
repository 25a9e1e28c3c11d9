"""Loops over waiting runs and over what announces itself: why-not and the foreman."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import SERVICE
from core.loops import Loop, seconds
from core.sql import write
from events import hub
from events.record import record
from runs.models import FlowRun
from runs.states import StateType
from work_pools import health
from work_pools.models import Waiting, WorkPool, WorkQueue
from work_pools.reasons import Reason
from work_pools.why_not import reasons

SOON_ENOUGH = timedelta(seconds=5)  # a run that is handed out by then needs no reason


class WhyNot(Loop):
    """Store why due runs are not handed out, and forget it when they are."""

    name, interval, batch = "why-not", seconds(5), 500

    def __init__(self) -> None:
        super().__init__()
        self._seen: UUID | None = None  # stored reasons are looked at in turn

    def tick(self, now: datetime) -> bool:
        """Reasons of runs without one; then another look at stored ones."""
        forget_started(now, self.batch)
        due = FlowRun.objects.due(now - SOON_ENOUGH).filter(waiting__isnull=True)
        new = list(due.only("pk")[: self.batch])
        old = self._next()
        store(reasons([*new, *(row.flow_run for row in old)], now), old, now)
        return len(new) == self.batch

    def _next(self) -> list[Waiting]:
        rows = Waiting.objects.select_related("flow_run").order_by("pk")
        rows = rows.only(*_STORED, "flow_run__id")
        if self._seen is not None:
            rows = rows.filter(pk__gt=self._seen)
        found = list(rows[: self.batch])
        self._seen = found[-1].pk if len(found) == self.batch else None
        return found


def forget_started(now: datetime, most: int) -> None:
    """Drop the reasons of runs that wait no more."""
    started = Waiting.objects.exclude(
        flow_run__state_type=StateType.SCHEDULED,
        flow_run__next_scheduled_start_time__lte=now,
    )
    gone = started.ids(most)
    if gone:
        with write():
            Waiting.objects.filter(pk__in=gone).delete()


def store(found: dict[UUID, Reason], old: Iterable[Waiting], now: datetime) -> None:
    """Write what is new or has changed; what is told as before keeps its row."""
    known = {row.pk: row for row in old}
    fresh = [_row(id, one, now) for id, one in found.items() if id not in known]
    changed = []
    for id, row in known.items():
        if id in found and not _same(row, found[id]):
            is_same_cause = (row.kind, row.object_id) == _cause(found[id])
            changed.append(_row(id, found[id], row.since if is_same_cause else now))
    if not fresh and not changed:
        return
    with write():
        alive = {*FlowRun.objects.filter(pk__in=[r.pk for r in fresh]).ids(len(fresh))}
        Waiting.objects.bulk_create(
            [row for row in fresh if row.pk in alive], ignore_conflicts=True
        )
        Waiting.objects.bulk_update(changed, [*_STORED[1:], "since"])
        transaction.on_commit(lambda: hub.hint("runs"))  # pages tell the reasons


class Foreman(Loop):
    """Tell when pools and queues become ready or not; what they are is known anyway."""

    name, interval, batch = "foreman", seconds(15), 500

    def tick(self, now: datetime) -> bool:
        """Announce every status that is not the one announced last."""
        pools = list(WorkPool.objects.only("name", "type", "is_paused", "announced"))
        ready = health.with_workers([pool.pk for pool in pools], now)
        for pool in pools:
            status = health.of_pool(pool, has_worker=pool.pk in ready)
            if status is not None and status != pool.announced:
                announce(pool, status, now)
        queues = WorkQueue.objects.select_related("pool").only(
            "name", "is_paused", "last_polled", "announced", "pool__workspace"
        )
        for queue in queues.iterator():
            status = health.of_queue(queue, now)
            if status != queue.announced:
                announce(queue, status, now)
        return False


def announce(subject: Any, status: health.Status, now: datetime) -> None:
    """Record the change once, however many foremen saw it; the first look is silent."""
    kind = "work-pool" if isinstance(subject, WorkPool) else "work-queue"
    rows = type(subject).objects.filter(pk=subject.pk, announced=subject.announced)
    with write():
        if rows.update(announced=status) and subject.announced:
            event = f"prefect.{kind}.{status.lower().replace('_', '-')}"
            record(event, subject=subject, actor=SERVICE, now=now)


def _row(id: UUID, reason: Reason, since: datetime) -> Waiting:
    thing = reason.thing
    return Waiting(
        flow_run_id=id,
        kind=reason.kind,
        sentence=reason.sentence,
        object_kind=thing.kind,
        object_id=UUID(thing.id) if thing.id else None,
        object_name=thing.name,
        holders=_holders(reason),
        since=since,
    )


def _cause(reason: Reason) -> tuple[str, UUID | None]:
    return reason.kind, UUID(reason.thing.id) if reason.thing.id else None


def _holders(reason: Reason) -> list[dict[str, str | None]]:
    return [
        {"kind": holder.kind, "id": holder.id, "name": holder.name}
        for holder in reason.holders
    ]


def _same(row: Waiting, reason: Reason) -> bool:
    return row.sentence == reason.sentence and row.holders == _holders(reason)


_STORED = (
    "flow_run",
    "kind",
    "sentence",
    "object_kind",
    "object_id",
    "object_name",
    "holders",
)
