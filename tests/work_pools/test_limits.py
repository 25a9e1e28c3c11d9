"""Hand-out knows holds and the limits of deployments and schedules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from concurrency import slots
from core.actor import OWNER
from core.clock import now
from deployments.models import Deployment, Hold
from runs.models import FlowRun
from tests import factories
from work_pools.handout import Wanted, of_deployments, of_pool, queues_named
from work_pools.models import WorkPool, WorkQueue
from work_pools.offers import Offers, offers

pytestmark = pytest.mark.django_db


def limited(slots: int, **columns: Any) -> Deployment:
    """A deployment that runs so often at once."""
    limit = factories.limit(slots)
    return factories.deployment(concurrency_limit=limit, **columns)


def occupy(deployment: Deployment, run_id: UUID | None = None) -> None:
    """A run holds one of the deployment's slots."""
    holder = ("flow_run", run_id or factories.flow_run().pk)
    limit = deployment.concurrency_limit
    slots.take([limit], holder=holder, ttl=timedelta(minutes=5), now=now())


def due(
    queue: WorkQueue | None, deployment: Deployment, minutes: float = 1, **columns: Any
) -> FlowRun:
    """A run of a deployment that has been due for so long."""
    at = factories.scheduled(now() - timedelta(minutes=minutes))
    return factories.flow_run(at, work_queue=queue, deployment=deployment, **columns)


def offered(pool: WorkPool, limit: int = 200) -> list[FlowRun]:
    """What a worker of the pool gets."""
    queues = queues_named(pool.name, [], actor=OWNER)
    return of_pool(queues, Wanted(limit, before=now()), now=now())


def test_a_deployment_hands_out_as_many_runs_as_it_has_slots() -> None:
    pool = factories.work_pool()
    busy, full = limited(2), limited(1)
    occupy(busy)
    occupy(full)
    due(pool.default_queue, full, 9)
    first = due(pool.default_queue, busy, 8)
    due(pool.default_queue, busy, 7)
    free = due(pool.default_queue, factories.deployment(), 1)

    assert offered(pool) == [first, free]


def test_slots_whose_lease_ran_out_do_not_count() -> None:
    pool = factories.work_pool()
    deployment = limited(1)
    holder = ("flow_run", factories.flow_run().pk)
    slots.take(
        [deployment.concurrency_limit],
        holder=holder,
        ttl=timedelta(seconds=5),
        now=now() - timedelta(minutes=1),
    )
    run = due(pool.default_queue, deployment)

    assert offered(pool) == [run]


def test_runs_that_a_collision_cancels_are_handed_out_for_it() -> None:
    pool = factories.work_pool()
    options = {"collision_strategy": "CANCEL_NEW"}
    cancels = limited(1, concurrency_options=options)
    waits = limited(1, concurrency_options={"collision_strategy": "ENQUEUE"})
    never = limited(0, concurrency_options=options)
    for deployment in (cancels, waits):
        occupy(deployment)
    runs = [due(pool.default_queue, cancels, minutes) for minutes in (3, 2)]
    due(pool.default_queue, waits)
    due(pool.default_queue, never)

    assert offered(pool) == runs


def test_an_inactive_limit_limits_nothing() -> None:
    pool = factories.work_pool()
    limit = factories.limit(1, active=False)
    deployment = factories.deployment(concurrency_limit=limit)
    runs = [due(pool.default_queue, deployment, minutes) for minutes in (3, 2)]

    assert offered(pool) == runs


def test_what_a_schedule_made_waits_while_its_deployment_is_held() -> None:
    pool = factories.work_pool()
    queue = pool.default_queue
    paused = factories.deployment(paused=True)
    held = factories.deployment()
    Hold.objects.create(deployment=held)
    partly = factories.deployment()
    Hold.objects.create(deployment=partly, schedule_identity="nightly")
    for deployment in (paused, held):
        due(queue, deployment, 9, auto_scheduled=True, schedule_identity="nightly")
    due(queue, partly, 8, auto_scheduled=True, schedule_identity="nightly")
    hourly = due(queue, partly, 7, auto_scheduled=True, schedule_identity="hourly")
    manual = [due(queue, deployment, 6) for deployment in (paused, held, partly)]

    assert set(offered(pool)) == {hourly, *manual}


def test_a_schedule_has_no_more_active_runs_than_it_may() -> None:
    pool = factories.work_pool()
    queue = pool.default_queue
    deployment = factories.deployment()
    factories.schedule(
        deployment, {"interval": 60}, identity="often", max_active_runs=2
    )
    named = {"auto_scheduled": True, "schedule_identity": "often"}
    factories.flow_run(factories.running(), deployment=deployment, **named)
    first = due(queue, deployment, 5, **named)
    due(queue, deployment, 4, **named)
    other = due(queue, deployment, 3, auto_scheduled=True, schedule_identity="b")
    manual = due(queue, deployment, 2)

    assert offered(pool) == [first, other, manual]


def test_runs_that_cannot_start_do_not_hide_those_that_can() -> None:
    pool = factories.work_pool()
    one = limited(1)
    first = due(pool.default_queue, one, 500)
    for minutes in range(40):
        due(pool.default_queue, one, 400 - minutes)
    others = [due(pool.default_queue, factories.deployment(), m) for m in (3, 2)]

    assert offered(pool, limit=3) == [first, *others]
    occupy(one, first.pk)
    assert offered(pool, limit=3) == others


def test_a_page_of_limited_runs_is_left_behind_in_few_statements(
    django_assert_num_queries: Any,
) -> None:
    pool = factories.work_pool()
    one = limited(1)
    for minutes in range(30):
        due(pool.default_queue, one, 400 - minutes)
    other = due(pool.default_queue, factories.deployment())

    # the queues; a plain page, which is all of most polls; with limits; the rest
    with django_assert_num_queries(4):
        assert offered(pool, limit=10)[1:] == [other]


def test_served_deployments_keep_to_their_limits_and_holds() -> None:
    one, paused = limited(1), factories.deployment(paused=True)
    first = due(None, one, 5)
    due(None, one, 4)
    due(None, paused, 3, auto_scheduled=True)
    manual = due(None, paused, 2)

    found = of_deployments([one.pk, paused.pk], Wanted(10), actor=OWNER)

    assert list(found) == [first, manual]


def test_pollers_at_the_same_time_are_offered_different_runs() -> None:
    offers.forget()
    pool = factories.work_pool()
    free = factories.deployment()
    runs = [due(pool.default_queue, free, 9 - minutes) for minutes in range(5)]

    assert offered(pool, limit=2) == runs[:2]
    assert offered(pool, limit=2) == runs[2:4]
    # with nothing else left, what others were offered comes again, in order
    assert offered(pool, limit=2) == [runs[0], runs[4]]


def test_the_first_runs_of_a_limit_are_offered_to_everybody() -> None:
    offers.forget()
    pool = factories.work_pool()
    runs = [due(pool.default_queue, limited(1), 9 - minutes) for minutes in range(3)]

    assert offered(pool, limit=1) == offered(pool, limit=1) == runs[:1]


def test_an_offer_runs_out() -> None:
    time = [0.0]
    made = Offers(clock=lambda: time[0])
    pool, run = factories.flow_run().pk, factories.flow_run().pk

    assert made.make(pool, [run]) == {run}
    assert made.make(pool, [run]) == set()
    time[0] = 2.0
    assert made.of(pool) == set()
    assert made.make(pool, [run]) == {run}


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_a_queue_that_is_full_hands_out_nothing(client: Any, limit: int) -> None:
    queue = factories.work_queue(concurrency_limit=limit)
    place = {"work_queue": queue, "work_queue_name": queue.name}
    for state in (factories.running(), factories.running(), factories.scheduled()):
        factories.flow_run(state, **place)

    for path in (
        f"/api/work_queues/{queue.pk}/get_runs",
        f"/api/work_pools/{queue.pool.name}/get_scheduled_flow_runs",
    ):
        answer = client.post(path, {"limit": 10}, content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, [])


def test_who_asks_for_nothing_gets_nothing(client: Any) -> None:
    queue = factories.work_queue()
    factories.flow_run(
        factories.scheduled(), work_queue=queue, work_queue_name=queue.name
    )

    for path in (
        f"/api/work_queues/{queue.pk}/get_runs",
        f"/api/work_pools/{queue.pool.name}/get_scheduled_flow_runs",
    ):
        answer = client.post(path, {"limit": 0}, content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, [])
