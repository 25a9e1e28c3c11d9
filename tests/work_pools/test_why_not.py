from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import now
from runs.models import FlowRun
from tests import factories as make
from work_pools.why_not import why_not

pytestmark = pytest.mark.django_db


def reason(run: FlowRun) -> str:
    found = FlowRun.objects.select_related("work_queue__pool").get(pk=run.pk)
    return why_not([found], now())[run.pk]


def due(**columns) -> FlowRun:
    return make.flow_run(make.late(), deployment=make.deployment(), **columns)


def polled(ago: float = 1, **columns):
    """A pool whose queue was asked `ago` seconds ago."""
    pool = make.work_pool(name="gpu", **columns)
    pool.default_queue.last_polled = now() - timedelta(seconds=ago)
    pool.default_queue.save()
    return pool


def test_a_paused_pool_or_queue_is_named():
    pool = polled(is_paused=True)
    other = make.work_pool(name="cpu")
    queue = make.work_queue(other, name="slow", is_paused=True)

    assert reason(due(work_queue=pool.default_queue)) == "pool gpu is paused"
    assert reason(due(work_queue=queue)) == "queue slow of pool cpu is paused"


def test_a_full_pool_and_a_full_queue_are_named_with_their_numbers():
    pool = polled(concurrency_limit=2)
    for state in (make.running(), make.pending()):
        make.flow_run(state, work_queue=pool.default_queue)

    assert reason(due(work_queue=pool.default_queue)) == "pool gpu is full (2 of 2)"

    pool.concurrency_limit = None
    pool.save()
    pool.default_queue.concurrency_limit = 2
    pool.default_queue.save()
    assert (
        reason(due(work_queue=pool.default_queue)) == "queue default is full (2 of 2)"
    )


def test_a_queue_that_nobody_asks_is_named():
    silent = polled(ago=600)
    fresh = make.work_pool(name="new")

    assert reason(due(work_queue=silent.default_queue)) == (
        "no worker polls queue default of pool gpu"
    )
    assert reason(due(work_queue=fresh.default_queue)) == (
        "no worker has asked pool new for work yet"
    )


def test_where_nothing_is_in_the_way_it_waits_for_the_next_poll():
    pool = polled(concurrency_limit=5)

    assert reason(due(work_queue=pool.default_queue)) == (
        "waits for the next poll of pool gpu"
    )


def test_a_run_without_a_pool_says_so():
    assert reason(due()) == "its deployment names no work pool"
    assert reason(make.flow_run(make.late())) == (
        "the process that made it has not started it"
    )


def test_many_runs_take_one_statement_more(django_assert_num_queries):
    pool = polled(concurrency_limit=5)
    runs = [due(work_queue=pool.default_queue).pk for _ in range(5)]
    found = list(FlowRun.objects.select_related("work_queue__pool").filter(pk__in=runs))

    with django_assert_num_queries(1):
        assert len(why_not(found, now())) == 5
