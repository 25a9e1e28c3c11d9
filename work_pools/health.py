"""Status as a function of time: no loop has to notice for it to be true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import TextChoices

from work_pools.models import Agent, Worker, WorkPool, WorkQueue

POLLED_WITHIN = timedelta(seconds=60)
HEARTBEATS = 3  # intervals after which a worker counts as gone
USUAL_HEARTBEAT = 30.0  # seconds, of workers that name no interval
CLASSIC = "prefect-agent"  # the type of pools that agents poll


class Status(TextChoices):
    """What pools, queues and deployments show."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    PAUSED = "PAUSED"


class WorkerStatus(TextChoices):
    """What workers show."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"


def is_polled(last: datetime | None, now: datetime) -> bool:
    """Whether somebody asked for work lately."""
    return last is not None and now - last <= POLLED_WITHIN


def is_online(worker: Worker | Agent, now: datetime) -> bool:
    """Whether a worker or agent was heard of within three of its intervals."""
    if worker.last_heartbeat is None:
        return False
    if isinstance(worker, Agent):
        interval = worker.interval_seconds
    else:
        interval = worker.heartbeat_interval_seconds or USUAL_HEARTBEAT
    return now - worker.last_heartbeat <= timedelta(seconds=interval * HEARTBEATS)


def of_worker(worker: Worker, now: datetime) -> WorkerStatus:
    """Online or offline."""
    return WorkerStatus.ONLINE if is_online(worker, now) else WorkerStatus.OFFLINE


def of_queue(queue: WorkQueue, now: datetime) -> Status:
    """Ready while it is polled."""
    if queue.is_paused:
        return Status.PAUSED
    return Status.READY if is_polled(queue.last_polled, now) else Status.NOT_READY


def of_pool(pool: WorkPool, *, has_worker: bool) -> Status | None:
    """Ready while it has a worker; pools of agents show no status."""
    if pool.type == CLASSIC:
        return None
    if pool.is_paused:
        return Status.PAUSED
    return Status.READY if has_worker else Status.NOT_READY


def of_deployment(
    last_polled: datetime | None, queue_polled: datetime | None, now: datetime
) -> Status:
    """Ready while somebody asks for its runs, or for those of its queue."""
    is_ready = is_polled(last_polled, now) or is_polled(queue_polled, now)
    return Status.READY if is_ready else Status.NOT_READY


def with_workers(pool_ids: Iterable[UUID], now: datetime) -> set[UUID]:
    """Those of the pools that have a worker, or one of our agents, online."""
    ids = list(pool_ids)
    heard = Worker.objects.filter(pool__in=ids, last_heartbeat__isnull=False)
    found = {worker.pool_id for worker in heard if is_online(worker, now)}
    agents = Agent.objects.filter(work_pool__isnull=False)
    names = {(a.workspace_id, a.work_pool) for a in agents if is_online(a, now)}
    if names:
        pools = WorkPool.objects.filter(pk__in=ids, name__in=[n for _, n in names])
        mine = pools.values_list("pk", "workspace_id", "name")
        found |= {pk for pk, workspace, name in mine if (workspace, name) in names}
    return found
