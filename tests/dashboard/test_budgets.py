"""Queries per page: within the budget, and no more of them with more rows."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from tests import factories as make
from work_pools.loops import WhyNot

pytestmark = pytest.mark.django_db

BUDGETS = {
    "/": 12,
    "/runs": 8,
    "/runs?state=problem&tag=prod&q=run": 8,
    "/flows": 8,
    "/flows/{flow}": 10,
    "/flows/{flow}/deployments": 10,
    "/deployments": 8,
    "/deployments?scheduled=yes&pool=pool": 8,
    "/deployments/{deployment}": 12,
    "/deployments/{deployment}/upcoming": 12,
    "/deployments/{deployment}/schedules": 10,
    "/deployments/{deployment}/parameters": 10,
    "/deployments/{deployment}/configuration": 10,
    "/deployments/{deployment}/run": 10,
    "/deployments/{deployment}/schedules/new": 10,
    "/deployments/{deployment}/backfill": 10,
    "/deployments/{deployment}/backfills": 10,
    "/backfills/{backfill}": 12,
    "/runs/{run}": 10,
    "/runs/{run}/tasks": 10,
    "/runs/{run}/children": 10,
    "/runs/{run}/parameters": 10,
    "/runs/{run}/details": 10,
    "/runs/{run}/why": 10,
}


def fill(rows: int, run) -> None:
    """Deployments, runs in all states with tasks, and lines of one run."""
    pool = make.work_pool(concurrency_limit=5, name=f"pool-{rows}-{make.name('p')}")
    states = cycle([make.late, make.running, make.failed, make.completed])
    for n in range(rows):
        deployment = make.deployment(
            work_queue=pool.default_queue, schedules=[{"interval": 60}], tags=["prod"]
        )
        state = next(states)()
        made = make.flow_run(
            state,
            deployment=deployment,
            work_queue=pool.default_queue,
            tags=["prod"],
            at=now() - timedelta(minutes=n),
        )
        make.flow_run(
            make.scheduled(now() + timedelta(minutes=n + 1)),
            deployment=deployment,
            work_queue=pool.default_queue,
        )
        make.task_run(make.completed(), flow_run=made)
        make.task_run(make.completed(), flow_run=run)
        make.subflow_run(run, make.running())
        make.log(run)


def queries(client, address: str) -> int:
    """How many statements one answer takes."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


@pytest.mark.parametrize("pattern", BUDGETS)
def test_a_page_keeps_its_budget_however_many_rows_there_are(client, pattern: str):
    deployment = make.deployment(schedules=[{"interval": 3600, "timezone": "UTC"}])
    run = make.flow_run(make.running(), deployment=deployment, name="run")
    make.flow_run(make.completed(), deployment=deployment)
    address = pattern.format(
        run=run.pk,
        deployment=deployment.pk,
        flow=deployment.flow_id,
        backfill=make.backfill(deployment).pk,
    )

    fill(4, run)
    WhyNot().tick(now())
    few = queries(client, address)
    fill(26, run)
    WhyNot().tick(now())
    many = queries(client, address)

    assert many == few
    assert many <= BUDGETS[pattern]


def test_a_refresh_that_finds_nothing_new_takes_no_more(client):
    run = make.flow_run(make.completed())
    headers = {"HX-Request-Type": "partial", "HX-Source": "div#live-part"}
    first = client.get(f"/runs/{run.pk}", headers=headers)

    with CaptureQueriesContext(connection) as seen:
        again = client.get(
            f"/runs/{run.pk}",
            headers={**headers, "HX-PTag": first.headers["HX-PTag"]},
        )

    assert again.status_code == 304
    assert len(seen) <= 10
