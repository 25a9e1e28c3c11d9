"""Queries per page of pools, queues, agents and the system, however many rows."""

from __future__ import annotations

from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from core.loops import Beat, find_loops
from ops import loops as ops_loops
from runs.models import Pulse
from tests import factories as make
from work_pools.models import WorkPool

pytestmark = pytest.mark.django_db

BUDGETS = {
    "/work-pools": 8,
    "/agents": 8,
    "/system": 8,
    "/work-pools/gpu": 10,
    "/work-pools/gpu/queues": 10,
    "/work-pools/gpu/workers": 10,
    "/work-pools/gpu/upcoming": 10,
    "/work-pools/gpu/deployments": 10,
    "/work-pools/gpu/template": 10,
    "/work-pools/gpu/queues/default": 10,
}
_turn = count(1)


def fill(pool: WorkPool, rows: int) -> None:
    """More of everything, in one pool and beside it."""
    at = now()
    turn = next(_turn)
    for n in range(rows):
        make.worker(pool)
        agent = make.agent(work_pool=pool.name)
        deployment = make.deployment(work_queue=pool.default_queue)
        make.work_queue(pool)
        make.work_pool(type="process" if n % 2 else "prefect-agent")
        for state in (
            make.late(),
            make.failed(),
            make.scheduled(at.replace(year=2030)),
        ):
            queue = pool.default_queue
            make.flow_run(state, deployment=deployment, work_queue=queue)
        run = make.flow_run(make.running(), work_queue=pool.default_queue)
        Pulse.objects.create(
            flow_run=run, last_seen=at, interval_seconds=10, source=agent.name
        )
    ops_loops.store([Beat(loop.name, at, at) for loop in find_loops()[: turn * 5]])


@pytest.mark.parametrize("address", BUDGETS)
def test_a_page_keeps_its_budget_however_many_rows_there_are(client, address: str):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    pool = make.work_pool(name="gpu", concurrency_limit=5)
    fill(pool, 3)
    few = queries()
    fill(pool, 12)

    assert queries() == few
    assert few <= BUDGETS[address]
