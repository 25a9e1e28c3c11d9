"""How busy queues are, and who works for them: counts for many pools at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Value
from django.utils.safestring import SafeString

from dashboard.charts.strip import meter
from runs.models import FlowRun
from runs.states import LATE, StateType
from work_pools.eligible import OCCUPIED
from work_pools.models import Agent, Worker, WorkPool
from work_pools.services import DEFAULT_POOL


@dataclass(frozen=True, slots=True)
class Load:
    """How many runs are being executed, are due, and are late among those."""

    busy: int = 0
    due: int = 0
    late: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(
            self.busy + other.busy, self.due + other.due, self.late + other.late
        )


def loads(queue_ids: Collection[UUID], now: datetime) -> dict[UUID, Load]:
    """The load per queue; those without any are left out."""
    runs: Any = FlowRun.objects.filter(work_queue__in=list(queue_ids)).order_by()
    zero, late = Value(0), Count("pk", filter=Q(state_name=LATE))
    columns = ("work_queue_id", "busy", "due", "late")
    busy = (
        runs.filter(state_type__in=OCCUPIED)
        .values("work_queue_id")
        .annotate(busy=Count("pk"), due=zero, late=zero)
    )
    waiting = (
        runs.filter(state_type=StateType.SCHEDULED, next_scheduled_start_time__lte=now)
        .values("work_queue_id")
        .annotate(busy=zero, due=Count("pk"), late=late)
    )
    found: dict[UUID, Load] = {}
    rows = busy.values_list(*columns).union(waiting.values_list(*columns), all=True)
    for id, *numbers in rows:
        found[id] = found.get(id, Load()) + Load(*numbers)
    return found


def slots(load: Load, limit: int | None) -> SafeString | None:
    """The bar of used slots, where there is a limit."""
    if limit is None:
        return None
    used = min(load.busy, limit)
    return meter(done=0, failed=0, running=used, total=limit)


@dataclass(slots=True)
class Staff:
    """Who works for a pool."""

    workers: list[Worker] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)


def staff(pools: Iterable[WorkPool]) -> dict[UUID, Staff]:
    """Workers and agents per pool, by name."""
    found = {pool.pk: Staff() for pool in pools}
    by_name = {pool.name: pool for pool in pools}
    for worker in Worker.objects.filter(pool__in=list(found)).order_by("name"):
        found[worker.pool_id].workers.append(worker)
    named = Q(work_pool__in=list(by_name))
    if DEFAULT_POOL in by_name:
        named |= Q(work_pool__isnull=True)
    for agent in Agent.objects.filter(named).order_by("name"):
        pool = by_name.get(agent.work_pool or DEFAULT_POOL)
        if pool is not None and pool.workspace_id == agent.workspace_id:
            found[pool.pk].agents.append(agent)
    return found
