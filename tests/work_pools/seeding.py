"""Fills a real server's database with due runs, in a process of its own.

`python -m tests.work_pools.seeding POOL RUNS PRIORITIES`: so many runs over the queues
of a pool, one queue per priority, due at times that have nothing to do with their ids.
`python -m tests.work_pools.seeding backlog POOL RUNS OTHERS`: a deployment with limit 1
and runs that have been due the longest, and another without a limit.
"""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from tests.support.server import Server

ROOT = Path(__file__).resolve().parents[2]


def seed(server: Server, *arguments: object) -> None:
    """Fill the server's database."""
    subprocess.run(
        [sys.executable, "-m", "tests.work_pools.seeding", *map(str, arguments)],
        cwd=ROOT,
        env=server.env,
        check=True,
        timeout=300,
    )


def spread(pool_name: str, runs: int, priorities: int) -> None:
    """Runs over queues of several priorities, one deployment each."""
    from tests import factories

    pool = factories.work_pool(name=pool_name)
    queues = [pool.default_queue]
    for priority in range(2, priorities + 1):
        queues.append(factories.work_queue(pool, name=f"p{priority}"))
        queues[-1].priority = priority
        queues[-1].save()
    order = random.Random(7)
    places = [(factories.deployment(), queue) for queue in queues]
    _create(
        [places[number % priorities] for number in range(runs)],
        [order.uniform(1, 100_000) for _ in range(runs)],
    )


def backlog(pool_name: str, runs: int, others: int) -> None:
    """Many runs of a deployment with limit 1 before a few of another."""
    from tests import factories

    queue = factories.work_pool(name=pool_name).default_queue
    one = factories.deployment(name="one", concurrency_limit=factories.limit(1))
    free = factories.deployment(name="free")
    ages = [100_000.0 - number for number in range(runs + others)]
    _create([(one, queue)] * runs + [(free, queue)] * others, ages)


def _create(places: list, ages: list[float]) -> None:
    from core.actor import SERVICE
    from core.clock import now
    from runs.creation import NewFlowRun, create_flow_runs
    from tests import factories

    at = now()
    new = [
        NewFlowRun(
            deployment.flow_id,
            deployment_id=deployment.pk,
            work_queue_id=queue.pk,
            state=factories.scheduled(at - timedelta(seconds=age)),
        )
        for (deployment, queue), age in zip(places, ages, strict=True)
    ]
    for start in range(0, len(new), 500):
        create_flow_runs(new[start : start + 500], actor=SERVICE)


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "backlog":
        backlog(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        spread(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
