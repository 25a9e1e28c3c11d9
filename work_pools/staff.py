"""Who works for a queue: workers, our agents, and whoever polls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from work_pools.health import CLASSIC, is_online, is_polled
from work_pools.models import Agent, Worker, WorkPool, WorkQueue
from work_pools.services import DEFAULT_POOL


@dataclass(frozen=True, slots=True)
class Staff:
    """The workers, agents and queues of some pools, as they are now."""

    now: datetime
    workers: tuple[Worker, ...]
    agents: tuple[Agent, ...]
    queues: tuple[WorkQueue, ...]

    def online_workers(self, pool: WorkPool) -> list[Worker]:
        """Workers of a pool that were heard of lately."""
        mine = [worker for worker in self.workers if worker.pool_id == pool.pk]
        return [worker for worker in mine if is_online(worker, self.now)]

    def last_worker(self, pool: WorkPool) -> Worker | Agent | None:
        """Who was heard of last, however long ago."""
        mine: list[Worker | Agent] = [w for w in self.workers if w.pool_id == pool.pk]
        mine += self.agents_of(pool)
        heard = [(each.last_heartbeat, each) for each in mine if each.last_heartbeat]
        return max(heard, key=lambda pair: pair[0])[1] if heard else None

    def agents_of(self, pool: WorkPool) -> list[Agent]:
        """Our agents that work for a pool."""
        return [
            agent
            for agent in self.agents
            if agent.workspace_id == pool.workspace_id
            and (agent.work_pool or DEFAULT_POOL) == pool.name
        ]

    def online_agents(
        self, pool: WorkPool, queue: WorkQueue | None = None
    ) -> list[Agent]:
        """Agents that were heard of lately, of a pool or of one of its queues."""
        return [
            agent
            for agent in self.agents_of(pool)
            if is_online(agent, self.now)
            and (queue is None or not agent.work_queues or _asks(agent, queue))
        ]

    def polled_queues(self, pool: WorkPool) -> list[WorkQueue]:
        """Queues of a pool that somebody asked lately."""
        return [
            queue
            for queue in self.queues
            if queue.pool_id == pool.pk and is_polled(queue.last_polled, self.now)
        ]


def staff_of(pools: Collection[WorkPool], now: datetime) -> Staff:
    """Three statements, however many pools."""
    ids: list[UUID] = [pool.pk for pool in pools]
    if not ids:
        return Staff(now, (), (), ())
    names = {pool.name for pool in pools}
    agents = Agent.objects.filter(workspace__in={pool.workspace_id for pool in pools})
    mine = agents.filter(work_pool__in=names)
    if DEFAULT_POOL in names:
        mine |= agents.filter(work_pool__isnull=True)
    queues = WorkQueue.objects.filter(pool__in=ids, last_polled__isnull=False)
    return Staff(
        now,
        tuple(Worker.objects.filter(pool__in=ids).order_by("name")),
        tuple(mine.order_by("name")),
        tuple(queues.only("name", "pool", "last_polled").by_priority()),
    )


def calling(pool: WorkPool) -> str:
    """What those are called who work for a pool."""
    return "agent" if pool.type == CLASSIC else "worker"


def _asks(agent: Agent, queue: WorkQueue) -> bool:
    return queue.name in agent.work_queues
