"""Why a due run has not been handed out: one sentence that names what is in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from runs.models import FlowRun
from runs.states import ACTIVE
from work_pools.models import WorkPool, WorkQueue

SILENT = timedelta(seconds=60)  # without a poll, nobody works for the queue


@dataclass(frozen=True, slots=True)
class Usage:
    """How many runs a queue and its pool are busy with."""

    queues: dict[UUID, int]
    pools: dict[UUID, int]


def usage(queues: Collection[WorkQueue]) -> Usage:
    """Counts for the pools of the queues; nothing is asked where nothing is limited."""
    limited = {
        queue.pool_id
        for queue in queues
        if queue.concurrency_limit is not None
        or queue.pool.concurrency_limit is not None
    }
    if not limited:
        return Usage({}, {})
    rows = (
        FlowRun.objects.filter(state_type__in=ACTIVE, work_queue__pool__in=limited)
        .order_by()
        .values_list("work_queue_id", "work_queue__pool_id")
        .annotate(runs=Count("pk"))
    )
    by_queue: dict[UUID, int] = {}
    by_pool: dict[UUID, int] = {}
    for queue_id, pool_id, runs in rows:
        by_queue[queue_id] = runs
        by_pool[pool_id] = by_pool.get(pool_id, 0) + runs
    return Usage(by_queue, by_pool)


def why_not(runs: Iterable[FlowRun], now: datetime) -> dict[UUID, str]:
    """The reason per run; `work_queue__pool` should be joined."""
    listed = list(runs)
    queues = {run.work_queue_id: run.work_queue for run in listed if run.work_queue}
    busy = usage(list(queues.values()))
    return {run.pk: reason(run, busy, now) for run in listed}


def reason(run: FlowRun, busy: Usage, now: datetime) -> str:
    """What is in the way of one run."""
    queue = run.work_queue
    if queue is None:
        if run.deployment_id is None:
            return "the process that made it has not started it"
        return "its deployment names no work pool"
    return _closed(queue, queue.pool, busy) or _silent(queue, queue.pool, now)


def _closed(queue: WorkQueue, pool: WorkPool, busy: Usage) -> str | None:
    if pool.is_paused:
        return f"pool {pool.name} is paused"
    if queue.is_paused:
        return f"queue {queue.name} of pool {pool.name} is paused"
    for limit, used, what in (
        (pool.concurrency_limit, busy.pools.get(pool.pk, 0), f"pool {pool.name}"),
        (queue.concurrency_limit, busy.queues.get(queue.pk, 0), f"queue {queue.name}"),
    ):
        if limit is not None and used >= limit:
            return f"{what} is full ({used} of {limit})"
    return None


def _silent(queue: WorkQueue, pool: WorkPool, now: datetime) -> str:
    if queue.last_polled is None:
        return f"no worker has asked pool {pool.name} for work yet"
    if now - queue.last_polled > SILENT:
        return f"no worker polls queue {queue.name} of pool {pool.name}"
    return f"waits for the next poll of pool {pool.name}"
