"""Tables of work pools: pools, queues, workers, agents."""

from work_pools.models.agent import Agent
from work_pools.models.pool import WorkPool
from work_pools.models.queue import WorkQueue
from work_pools.models.waiting import Waiting
from work_pools.models.worker import Worker

__all__ = ["Agent", "Waiting", "WorkPool", "WorkQueue", "Worker"]
