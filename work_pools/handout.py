"""Which due runs are handed out. Asking does not claim: the PENDING transition does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, TextField, Value, When, Window
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, RowNumber
from django.db.models.lookups import Exact

from core.actor import Actor
from core.errors import NotFound
from core.lookups import holds
from core.sql import write
from runs.models import FlowRun
from runs.querysets import FlowRunQuerySet
from runs.states import LATE, StateType
from work_pools.models import WorkPool, WorkQueue

POLL_NOTED_EVERY = timedelta(seconds=10)
OCCUPIED = (StateType.PENDING, StateType.RUNNING)  # slots of pools and their queues
OCCUPIED_CLASSIC = (*OCCUPIED, StateType.CANCELLING)  # slots of agents' queues
UNLIMITED = 2**31 - 1
# a run that sleeps in its own process is nobody else's to start
_RETRY_TYPE = KeyTextTransform("retry_type", "empirical_policy")
_RETRY = Coalesce(_RETRY_TYPE, Value(""), output_field=TextField())
_FOR_OTHERS = ~Q(Exact(_RETRY, Value("in_process")))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a poll asks for."""

    limit: int
    before: datetime | None = None
    after: datetime | None = None

    def among(self, runs: FlowRunQuerySet) -> FlowRunQuerySet:
        """Those of the runs that are scheduled and within the bounds."""
        due = runs.filter(_FOR_OTHERS, state_type=StateType.SCHEDULED)
        if self.before is not None:
            due = due.filter(next_scheduled_start_time__lte=self.before)
        if self.after is not None:
            due = due.filter(next_scheduled_start_time__gte=self.after)
        return due


def queues_named(pool: WorkPool, names: Sequence[str]) -> list[WorkQueue]:
    """The queues of a pool with these names, or all; by priority.

    Raises:
        NotFound: one does not exist.
    """
    queues = pool.queues.by_priority()
    if not names:
        return list(queues)
    found = list(queues.filter(name__in=names))
    missing = sorted(set(names) - {queue.name for queue in found})
    if missing:
        raise NotFound(f"Work queues not found: {missing[0]!r} in {pool.name!r}")
    return found


def of_pool(
    pool: WorkPool, queues: Sequence[WorkQueue], wanted: Wanted
) -> list[FlowRun]:
    """Runs that may start now, by priority of their queue, then time.

    The caller reads `work_queue_id` of each; pools, queues and their limits are known.
    """
    open_queues = [queue for queue in queues if not queue.is_paused]
    if pool.is_paused or not open_queues:
        return []
    room = _room(pool, open_queues)
    most = min(wanted.limit, room.pool)
    free = {id: slots for id, slots in room.queues.items() if slots > 0}
    if most <= 0 or not free:
        return []
    waiting = FlowRun.objects.filter(work_queue__in=list(free))
    runs: Any = wanted.among(waiting)
    limited = {id: slots for id, slots in free.items() if slots < most}
    if limited:
        runs = runs.annotate(
            place=Window(
                RowNumber(),
                partition_by=F("work_queue_id"),
                order_by=["next_scheduled_start_time", "id"],
            )
        ).filter(place__lte=_per_queue(limited, default=UNLIMITED))
    order = {queue.pk: queue.priority for queue in open_queues if queue.pk in free}
    by_time = ("next_scheduled_start_time", "id")
    if len(set(order.values())) > 1:
        runs = runs.annotate(priority=_per_queue(order, default=0))
        return list(runs.order_by("priority", *by_time)[:most])
    return list(runs.order_by(*by_time)[:most])


def of_classic_queue(
    queue: WorkQueue, wanted: Wanted, *, actor: Actor
) -> list[FlowRun]:
    """Runs for agents that poll a queue by its name, or by what its filter selects."""
    if queue.is_paused or queue.pool.is_paused:
        return []
    mine = _of_queue(queue)
    runs = FlowRun.objects.visible_to(actor).filter(mine)
    most = wanted.limit
    if queue.concurrency_limit is not None:
        used = runs.filter(state_type__in=OCCUPIED_CLASSIC).count()
        most = min(most, queue.concurrency_limit - used)
    if most <= 0:
        return []
    due = wanted.among(runs).order_by("next_scheduled_start_time", "id")
    return list(due[:most])


def of_deployments(
    ids: Iterable[UUID], wanted: Wanted, *, actor: Actor
) -> FlowRunQuerySet:
    """Runs of deployments that are served without a queue; the caller cuts the page."""
    runs = FlowRun.objects.visible_to(actor).filter(deployment__in=list(ids))
    return wanted.among(runs).order_by("next_scheduled_start_time", "id")


def late_runs(queue: WorkQueue, *, actor: Actor) -> int:
    """How many runs of a classic queue wait longer than they should."""
    runs = FlowRun.objects.visible_to(actor).filter(_of_queue(queue))
    return int(runs.filter(state_type=StateType.SCHEDULED, state_name=LATE).count())


def note_poll(queues: Iterable[WorkQueue], now: datetime) -> None:
    """Remember that queues were asked, once per interval at most."""
    stale = [queue.pk for queue in queues if _is_stale(queue.last_polled, now)]
    if not stale:
        return
    with write():
        rows = WorkQueue.objects.filter(unnoted(now), pk__in=stale)
        rows.update(last_polled=now)


def _of_queue(queue: WorkQueue) -> Q:
    """The runs that belong to an agents' queue."""
    if not queue.filter:
        nameless = Q(work_queue__isnull=True, work_queue_name=queue.name)
        return Q(work_queue=queue) | nameless
    chosen = Q()
    for tag in queue.filter.get("tags") or ():
        chosen &= Q(holds("tags", tag))
    ids = queue.filter.get("deployment_ids")
    return chosen & Q(deployment__in=ids) if ids else chosen


@dataclass(frozen=True, slots=True)
class Room:
    """How many more runs a pool and its queues may start."""

    pool: int
    queues: dict[UUID, int]


def _room(pool: WorkPool, queues: Sequence[WorkQueue]) -> Room:
    is_limited = pool.concurrency_limit is not None
    if not is_limited and all(queue.concurrency_limit is None for queue in queues):
        return Room(UNLIMITED, {queue.pk: UNLIMITED for queue in queues})
    rows = (
        FlowRun.objects.filter(state_type__in=OCCUPIED, work_queue__pool=pool)
        .order_by()
        .values_list("work_queue_id")
        .annotate(Count("pk"))
    )
    used = dict(rows)
    return Room(
        _left(pool.concurrency_limit, sum(used.values())),
        {q.pk: _left(q.concurrency_limit, used.get(q.pk, 0)) for q in queues},
    )


def _left(limit: int | None, used: int) -> int:
    return UNLIMITED if limit is None else limit - used


def _per_queue(values: dict[UUID, int], *, default: int) -> Any:
    cases = [When(work_queue_id=id, then=Value(value)) for id, value in values.items()]
    return Case(*cases, default=Value(default))


def _is_stale(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= POLL_NOTED_EVERY


def unnoted(now: datetime) -> Q:
    """What was not noted as asked within the interval."""
    return Q(last_polled__isnull=True) | Q(last_polled__lte=now - POLL_NOTED_EVERY)
