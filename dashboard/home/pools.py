"""Work pools in a few words, by what the foreman announced of them last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from core.actor import Actor
from dashboard.base.pool_loads import Load, loads, slots
from work_pools.health import Status, is_polled
from work_pools.models import WorkPool, WorkQueue

MOST = 200  # queues


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One line: a pool, how busy it is, and when any of its queues was asked last."""

    pool: WorkPool
    load: Load
    polled: datetime | None
    now: datetime

    @property
    def status(self) -> Status:
        """Paused, or what was announced; where nothing was, whether it is polled."""
        if self.pool.is_paused:
            return Status.PAUSED
        if self.pool.announced in {Status.READY, Status.NOT_READY}:
            return Status(self.pool.announced)
        return Status.READY if self.is_polled else Status.NOT_READY

    @property
    def is_polled(self) -> bool:
        """Whether somebody asked it for work lately."""
        return is_polled(self.polled, self.now)

    @property
    def trouble(self) -> str:
        """Why nothing of it is handed out, in words; empty when something is."""
        if self.pool.is_paused:
            return "is paused: nothing is handed out"
        if self.is_polled:
            return ""
        is_deaf = self.status == Status.READY
        return "has a worker that asks for no work" if is_deaf else "has no live worker"

    @property
    def slots(self) -> SafeString | None:
        """The bar of its limit."""
        return slots(self.load, self.pool.concurrency_limit)


def pool_lines(actor: Actor, now: datetime) -> list[PoolLine]:
    """Pools by name; two statements."""
    rows: Any = WorkQueue.objects.visible_to(actor).select_related("pool")
    light = rows.only("last_polled", *(f"pool__{name}" for name in _POOL))
    queues = list(light.order_by("pool__name", "pk")[:MOST])
    busy = loads([queue.pk for queue in queues], now)
    found: dict[UUID, PoolLine] = {}
    for queue in queues:
        known = found.get(queue.pool_id)
        load = busy.get(queue.pk, Load()) + (known.load if known else Load())
        asked = [queue.last_polled, known.polled if known else None]
        polled = max(filter(None, asked), default=None)
        found[queue.pool_id] = PoolLine(queue.pool, load, polled, now)
    return list(found.values())


_POOL = ("name", "type", "is_paused", "concurrency_limit", "announced")
