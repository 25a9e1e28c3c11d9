"""How many runs pools and queues are busy with, and which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Window
from django.db.models.functions import RowNumber

from runs.models import FlowRun
from runs.querysets import FlowRunQuerySet
from work_pools.eligible import OCCUPIED, OCCUPIED_CLASSIC, UNLIMITED
from work_pools.models import WorkPool, WorkQueue


@dataclass(frozen=True, slots=True)
class Room:
    """How many more runs a pool and its queues may start."""

    pool: int
    queues: dict[UUID, int]


def room(pool: WorkPool, queues: Sequence[WorkQueue]) -> Room:
    """What the limits leave; nothing is asked where nothing is limited."""
    is_limited = pool.concurrency_limit is not None
    if not is_limited and all(queue.concurrency_limit is None for queue in queues):
        return Room(UNLIMITED, {queue.pk: UNLIMITED for queue in queues})
    used = by_queue([pool.pk])
    return Room(
        _left(pool.concurrency_limit, sum(used.values())),
        {q.pk: _left(q.concurrency_limit, used.get(q.pk, 0)) for q in queues},
    )


def by_queue(pool_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Slots in use of the queues of pools; queues without any are left out."""
    return {queue: used for queue, _, used in _rows(pool_ids)}


def by_queue_and_pool(
    pool_ids: Iterable[UUID],
) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Slots in use of the queues, and of the pools, that have any."""
    queues: dict[UUID, int] = {}
    pools: dict[UUID, int] = {}
    for queue, pool, used in _rows(pool_ids):
        queues[queue] = used
        pools[pool] = pools.get(pool, 0) + used
    return queues, pools


def in_pool(pool: WorkPool) -> FlowRunQuerySet:
    """The runs that hold slots of a pool, the longest first."""
    return _busy(FlowRun.objects.filter(work_queue__pool=pool), OCCUPIED)


def in_queue(queue: WorkQueue) -> FlowRunQuerySet:
    """The runs that hold slots of a queue of a pool, the longest first."""
    return _busy(FlowRun.objects.filter(work_queue=queue), OCCUPIED)


def in_classic_queue(queue: WorkQueue) -> FlowRunQuerySet:
    """The runs that hold slots of an agents' queue, the longest first."""
    return _busy(FlowRun.objects.filter(work_queue=queue), OCCUPIED_CLASSIC)


def first_in_queues(
    queues: Iterable[WorkQueue], most: int
) -> dict[UUID, list[FlowRun]]:
    """The runs that have held slots of queues the longest, `most` of each queue."""
    place = Window(
        RowNumber(), partition_by="work_queue", order_by=["state_timestamp", "id"]
    )
    ids = [queue.pk for queue in queues]
    busy = _busy(FlowRun.objects.filter(work_queue__in=ids), OCCUPIED)
    found: dict[UUID, list[FlowRun]] = {}
    for run in busy.annotate(place=place).filter(place__lte=most):
        if run.work_queue_id is not None:
            found.setdefault(run.work_queue_id, []).append(run)
    return found


def _rows(pool_ids: Iterable[UUID]) -> Any:
    return (
        FlowRun.objects.filter(
            state_type__in=OCCUPIED, work_queue__pool__in=list(pool_ids)
        )
        .order_by()
        .values_list("work_queue_id", "work_queue__pool_id")
        .annotate(Count("pk"))
    )


def _busy(runs: FlowRunQuerySet, states: Iterable[str]) -> FlowRunQuerySet:
    found: FlowRunQuerySet = runs.filter(state_type__in=list(states)).order_by(
        "state_timestamp", "id"
    )
    return found


def _left(limit: int | None, used: int) -> int:
    return UNLIMITED if limit is None else limit - used
