"""Which due runs are handed out. Asking does not claim: the PENDING transition does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.db.models import OuterRef, Q, Subquery

from core import clock, sql
from core.actor import Actor
from core.errors import NotFound
from core.lookups import holds
from core.prepared import Finder
from runs.models import FlowRun
from runs.querysets import FlowRunQuerySet
from runs.states import LATE, StateType
from work_pools import occupancy
from work_pools.due import Due
from work_pools.eligible import OCCUPIED as OCCUPIED
from work_pools.eligible import OCCUPIED_CLASSIC, UNLIMITED
from work_pools.models import WorkPool, WorkQueue
from work_pools.querysets import WorkQueueQuerySet
from work_pools.taking import Quotas, take

logger = logging.getLogger(__name__)

NOTING_WAITS = 0.5  # seconds for SQLite's write lock
POLL_NOTED_EVERY = timedelta(seconds=10)
_ALL = Q()
_HEAVY = ("base_job_template", "storage_configuration", "description")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a poll asks for."""

    limit: int
    before: datetime | None = None
    after: datetime | None = None

    def of(self, others: Q = _ALL, **conditions: Any) -> Due:
        """The scheduled runs that meet conditions, within the bounds."""
        due = Due(tuple(conditions.items()), others)
        if self.before is not None:
            due = due.and_(next_scheduled_start_time__lte=self.before)
        if self.after is not None:
            due = due.and_(next_scheduled_start_time__gte=self.after)
        return due

    def may_include(self, first: datetime | None) -> bool:
        """Whether a queue has something within the bounds, by its first run's time."""
        return first is not None and (self.before is None or first <= self.before)


def queues_named(
    pool_name: str, names: Sequence[str], *, actor: Actor
) -> list[WorkQueue]:
    """The queues of a pool with these names, or all; by priority, with their pool.

    Each comes with `first_due`, the time of its first scheduled run. One statement.

    Raises:
        NotFound: the pool or a queue does not exist.
    """
    known = actor.bounds(WorkQueueQuerySet.workspace_path) | {"pool__name": pool_name}
    found = list(_queues().filter(name__in=names, **known)) if names else _all(**known)
    missing = sorted(set(names) - {queue.name for queue in found})
    if missing or not found:
        if not WorkPool.objects.visible_to(actor).filter(name=pool_name).exists():
            raise NotFound(f'Work pool "{pool_name}" not found.')
        if missing:
            raise NotFound(f"Work queues not found: {missing[0]!r} in {pool_name!r}")
    return found


def of_pool(
    queues: Sequence[WorkQueue], wanted: Wanted, *, now: datetime
) -> list[FlowRun]:
    """Runs of one pool that may start now, by priority of their queue, then time.

    The queues come from `queues_named`. Queues of one priority are asked together.
    """
    open_queues = [q for q in queues if not (q.is_paused or q.pool.is_paused)]
    waiting = [q for q in open_queues if wanted.may_include(_first_due(q))]
    if not waiting:
        return []
    pool = waiting[0].pool
    room = occupancy.room(pool, waiting)
    most = min(wanted.limit, room.pool)
    quotas = Quotas({("queue", id): slots for id, slots in room.queues.items()})
    is_limited = room.pool < UNLIMITED
    found: list[FlowRun] = []
    for _, group in groupby(waiting, key=lambda queue: queue.priority):
        same = [queue.pk for queue in group if room.queues[queue.pk] > 0]
        if not same or len(found) >= most:
            continue
        which = {"work_queue__in": same} if len(same) > 1 else {"work_queue": same[0]}
        due, left = wanted.of(**which), most - len(found)
        place = None if is_limited else pool.pk
        found += take(due, left, quotas, now=now, place=place)
    return found


def of_classic_queue(
    queue: WorkQueue,
    wanted: Wanted,
    *,
    actor: Actor,
    now: datetime,
    is_poll: bool = True,
) -> list[FlowRun]:
    """Runs for agents that poll a queue by its name, or by what its filter selects.

    Who only looks (`is_poll` false) is not offered anything.
    """
    if queue.is_paused or queue.pool.is_paused:
        return []
    most = wanted.limit
    if queue.concurrency_limit is not None:
        busy = _count(queue, actor, state_type__in=OCCUPIED_CLASSIC)
        most = min(most, queue.concurrency_limit - busy)
    if queue.pool.concurrency_limit is not None:
        most = min(most, occupancy.room(queue.pool, [queue]).pool)
    is_limited = most < wanted.limit or queue.concurrency_limit is not None
    place = None if is_limited or not is_poll else queue.pk
    quotas = Quotas({})
    found: list[FlowRun] = []
    for conditions, others in _parts(queue):
        due = wanted.of(others, **actor.bounds(), **conditions)
        found += take(due, most, quotas, now=now, place=place)
        place = None
    return sorted(found, key=_by_time)[: max(0, most)]


def of_deployments(
    ids: Iterable[UUID], wanted: Wanted, *, actor: Actor, now: datetime | None = None
) -> FlowRunQuerySet:
    """Runs of deployments that are served without a queue, the earliest first."""
    due = wanted.of(**actor.bounds(), deployment__in=list(ids))
    found = take(due, wanted.limit, Quotas({}), now=now or clock.now(), place=None)
    chosen: FlowRunQuerySet = FlowRun.objects.filter(pk__in=[run.pk for run in found])
    return chosen.order_by("next_scheduled_start_time", "id")


def late_runs(queue: WorkQueue, *, actor: Actor) -> int:
    """How many runs of a classic queue wait longer than they should."""
    return _count(queue, actor, state_type=StateType.SCHEDULED, state_name=LATE)


def note_poll(queues: Iterable[WorkQueue], now: datetime) -> None:
    """Remember that queues were asked, once per interval at most."""
    stale = [queue.pk for queue in queues if _is_stale(queue.last_polled, now)]
    if not stale:
        return
    patience = sql.patience()
    sql.be_patient(min(patience, NOTING_WAITS))
    try:
        with sql.write():
            rows = WorkQueue.objects.filter(unnoted(now), pk__in=stale)
            rows.update(last_polled=now)
    except OperationalError as error:  # busy: the next poll notes it, this one goes on
        logger.info("a poll was not noted: %s", error)
    finally:
        sql.be_patient(patience)


def unnoted(now: datetime) -> Q:
    """What was not noted as asked within the interval."""
    return Q(last_polled__isnull=True) | Q(last_polled__lte=now - POLL_NOTED_EVERY)


def _first_due(queue: WorkQueue) -> datetime | None:
    """As `queues_named` found it."""
    first: datetime | None = queue.__dict__["first_due"]
    return first


def _queues() -> WorkQueueQuerySet:
    """Queues as `queues_named` wants them."""
    scheduled = FlowRun.objects.filter(
        work_queue=OuterRef("pk"), state_type=StateType.SCHEDULED
    ).order_by("next_scheduled_start_time")
    found: WorkQueueQuerySet = (
        WorkQueue.objects.select_related("pool")
        .defer("description", "filter", *(f"pool__{name}" for name in _HEAVY))
        .annotate(first_due=Subquery(scheduled.values("next_scheduled_start_time")[:1]))
        .by_priority()
    )
    return found


_all: Finder[WorkQueue] = Finder(_queues)


def _count(queue: WorkQueue, actor: Actor, **wanted: Any) -> int:
    """How many runs of an agents' queue are like that."""
    runs = FlowRun.objects.visible_to(actor).filter(**wanted)
    parts = _parts(queue)
    return sum(runs.filter(others, **known).count() for known, others in parts)


def _parts(queue: WorkQueue) -> list[tuple[dict[str, Any], Q]]:
    """The runs that belong to an agents' queue, each part with an index of its own."""
    if not queue.filter:
        nameless = {"work_queue__isnull": True, "work_queue_name": queue.name}
        return [({"work_queue": queue.pk}, _ALL), (nameless, _ALL)]
    chosen = Q()
    for tag in queue.filter.get("tags") or ():
        chosen &= Q(holds("tags", tag))
    ids = queue.filter.get("deployment_ids")
    return [({}, chosen & Q(deployment__in=ids) if ids else chosen)]


def _by_time(run: FlowRun) -> Any:
    return run.next_scheduled_start_time, run.pk


def _is_stale(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= POLL_NOTED_EVERY
