"""Many planners and many redeploys at once: no instant twice, none missing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from core.actor import OWNER
from core.dialect import THREE
from deployments import services
from deployments.models import Deployment
from deployments.scheduling.planner import plan
from runs.models import FlowRun
from tests import factories

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SENT = {"schedules": [{"schedule": {"cron": "*/10 * * * *"}}]}

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> None:
    """Run them in threads of their own; the first error is raised."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_planners_and_redeploys_at_once_keep_every_instant_single() -> None:
    flow = factories.flow()

    def deploy() -> Deployment:
        deployment, *_ = services.apply(
            flow.pk, "d", SENT, actor=OWNER, dialect=THREE, now=NOON
        )
        return deployment

    deployment = deploy()
    hours = [NOON + timedelta(hours=hour) for hour in range(6)]

    def planning() -> None:
        for hour in hours:
            plan(deployment.pk, now=hour)

    def deploying() -> None:
        for _ in range(10):
            deploy()

    at_once(planning, planning, planning, deploying)
    deploy()
    plan(deployment.pk, now=NOON)

    runs = FlowRun.objects.filter(deployment=deployment)
    found = list(
        runs.order_by("expected_start_time").values_list("expected_start_time")
    )
    starts = [at for (at,) in found]
    assert len(starts) == len(set(starts))
    assert starts[:7] == [NOON + timedelta(minutes=10 * n) for n in range(7)]


def test_many_may_deploy_the_same_for_the_first_time() -> None:
    flow = factories.flow()
    made: list[bool] = []

    def deploy() -> None:
        *_, is_new = services.apply(
            flow.pk, "d", SENT, actor=OWNER, dialect=THREE, now=NOON
        )
        made.append(is_new)

    at_once(*[deploy] * 6)

    assert sorted(made) == [False] * 5 + [True]
    assert Deployment.objects.get().schedules.count() == 1
