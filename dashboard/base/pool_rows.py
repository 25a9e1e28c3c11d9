"""What pages tell of a pool, a queue, a worker and an agent at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from dashboard.base.pool_loads import Load, Staff, loads, slots, staff
from work_pools.health import (
    CLASSIC,
    Status,
    is_online,
    is_polled,
    of_queue,
)
from work_pools.models import Agent, Worker, WorkPool, WorkQueue


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue and how it is doing."""

    queue: WorkQueue
    status: Status
    load: Load
    slots: SafeString | None

    @property
    def is_full(self) -> bool:
        """Whether its limit lets nothing more start."""
        limit = self.queue.concurrency_limit
        return limit is not None and self.load.busy >= limit


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool, its queues by priority, and who works for it."""

    pool: WorkPool
    queues: list[QueueRow]
    staff: Staff
    now: datetime

    @property
    def online(self) -> int:
        """How many workers and agents are alive."""
        workers = sum(is_online(one, self.now) for one in self.staff.workers)
        return workers + sum(is_online(one, self.now) for one in self.staff.agents)

    @property
    def hands(self) -> int:
        """How many workers and agents are known."""
        return len(self.staff.workers) + len(self.staff.agents)

    @property
    def polled(self) -> datetime | None:
        """When any of its queues was asked last."""
        asked = (row.queue.last_polled for row in self.queues)
        return max(filter(None, asked), default=None)

    @property
    def load(self) -> Load:
        """Of all its queues."""
        return sum((row.load for row in self.queues), Load())

    @property
    def slots(self) -> SafeString | None:
        """The bar of its limit."""
        return slots(self.load, self.pool.concurrency_limit)

    @property
    def is_full(self) -> bool:
        """Whether its limit lets nothing more start."""
        limit = self.pool.concurrency_limit
        return limit is not None and self.load.busy >= limit

    @property
    def paused_queues(self) -> int:
        """How many of its queues are paused."""
        return sum(row.queue.is_paused for row in self.queues)

    @property
    def status(self) -> Status:
        """Ready while somebody alive can take its runs."""
        if self.pool.is_paused:
            return Status.PAUSED
        is_ready = self.online or (self.is_classic and self._is_polled)
        return Status.READY if is_ready else Status.NOT_READY

    @property
    def is_classic(self) -> bool:
        """Whether agents of 2.x poll its queues by name."""
        return self.pool.type == CLASSIC

    @property
    def is_deaf(self) -> bool:
        """Whether somebody is alive who does not ask for work."""
        open_queues = any(not row.queue.is_paused for row in self.queues)
        can_ask = open_queues and not self.pool.is_paused
        return bool(self.online) and can_ask and not self._is_polled

    @property
    def trouble(self) -> str:
        """What is wrong, in words; empty when nothing is."""
        if self.pool.is_paused:
            return "Paused: nothing is handed out."
        if self.is_deaf:
            return "A worker is alive, but nobody asks for work."
        if not self.online and not self._is_polled:
            return "No worker is alive." if self.hands else "It has no worker."
        if self.is_full:
            return f"Full: {self.load.busy} of {self.pool.concurrency_limit} runs."
        return ""

    @property
    def _is_polled(self) -> bool:
        return is_polled(self.polled, self.now)


def pool_rows(pools: Sequence[WorkPool], now: datetime) -> list[PoolRow]:
    """The rows of pools, in as many queries for one as for fifty."""
    ids = [pool.pk for pool in pools]
    queues: Any = WorkQueue.objects.filter(pool__in=ids).by_priority()
    per_pool: dict[Any, list[WorkQueue]] = {}
    for queue in queues:
        per_pool.setdefault(queue.pool_id, []).append(queue)
    found = loads([queue.pk for queue in queues], now)
    people = staff(pools)
    return [
        PoolRow(
            pool,
            [
                queue_row(q, found.get(q.pk, Load()), now)
                for q in per_pool.get(pool.pk, [])
            ],
            people[pool.pk],
            now,
        )
        for pool in pools
    ]


def queue_row(queue: WorkQueue, load: Load, now: datetime) -> QueueRow:
    """The row of one queue."""
    bar = slots(load, queue.concurrency_limit)
    return QueueRow(queue, of_queue(queue, now), load, bar)


@dataclass(frozen=True, slots=True)
class HandRow:
    """A worker or an agent, and what it is doing."""

    hand: Worker | Agent
    is_online: bool
    runs: list[Any]

    @property
    def is_agent(self) -> bool:
        """Whether it is one of ours, which says more of itself."""
        return isinstance(self.hand, Agent)


def worker_rows(workers: Sequence[Worker], now: datetime) -> list[HandRow]:
    """The rows of workers; those alive first."""
    rows = [HandRow(one, is_online(one, now), []) for one in workers]
    return sorted(rows, key=lambda row: not row.is_online)


def agent_rows(
    agents: Sequence[Agent], runs: dict[str, list[Any]], now: datetime
) -> list[HandRow]:
    """The rows of agents with their runs; those alive first."""
    rows = [HandRow(one, is_online(one, now), runs.get(one.name, [])) for one in agents]
    return sorted(rows, key=lambda row: not row.is_online)
