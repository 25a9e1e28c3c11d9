"""Which due runs are handed out, and in which order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from core.actor import OWNER
from core.clock import now
from runs.models import FlowRun
from tests import factories
from work_pools.handout import (
    Wanted,
    note_poll,
    of_classic_queue,
    of_pool,
    queues_named,
)
from work_pools.models import WorkPool, WorkQueue

pytestmark = pytest.mark.django_db


def due(queue: WorkQueue, minutes: float = 1, **columns: object) -> FlowRun:
    """A run that has been due for so long."""
    at = now() - timedelta(minutes=minutes)
    return factories.flow_run(factories.scheduled(at), work_queue=queue, **columns)


def offered(
    pool: WorkPool, *names: str, limit: int = 200, before: datetime | None = None
) -> list[FlowRun]:
    """What a worker of the pool gets."""
    wanted = Wanted(limit=limit, before=before or now())
    queues = queues_named(pool.name, names, actor=OWNER)
    return of_pool(queues, wanted, now=now())


def test_priority_goes_before_time() -> None:
    pool = factories.work_pool()
    low = factories.work_queue(pool, priority=3)
    high = factories.work_queue(pool, priority=2)
    oldest = due(low, 30)
    newer, older = due(high, 1), due(high, 5)
    first = due(pool.default_queue, 0.5)

    assert offered(pool) == [first, older, newer, oldest]
    assert offered(pool, limit=2) == [first, older]


def test_just_the_queues_asked_for_are_looked_at() -> None:
    pool = factories.work_pool()
    other = factories.work_queue(pool, name="other")
    due(pool.default_queue)
    mine = due(other)

    assert offered(pool, "other") == [mine]


def test_runs_outside_the_window_wait() -> None:
    pool = factories.work_pool()
    soon = due(pool.default_queue, -1)
    due(pool.default_queue, -30)

    assert offered(pool) == []
    assert offered(pool, before=now() + timedelta(minutes=5)) == [soon]
    after = Wanted(limit=5, after=now() + timedelta(minutes=20))
    queues = queues_named(pool.name, [], actor=OWNER)
    assert len(of_pool(queues, after, now=now())) == 1


def test_only_scheduled_runs_that_may_start_elsewhere_are_offered() -> None:
    pool = factories.work_pool()
    queue = pool.default_queue
    factories.flow_run(factories.pending(), work_queue=queue)
    factories.flow_run(factories.running(), work_queue=queue)
    due(queue, empirical_policy={"retry_type": "in_process"})
    again = due(queue, empirical_policy={"retry_type": "reschedule"})
    plain = due(queue, empirical_policy={"retry_type": None})

    assert set(offered(pool)) == {again, plain}


def test_a_pause_of_pool_or_queue_holds_runs_back() -> None:
    pool = factories.work_pool()
    paused = factories.work_queue(pool, is_paused=True, priority=2)
    due(paused)
    mine = due(pool.default_queue)

    assert offered(pool) == [mine]
    WorkPool.objects.filter(pk=pool.pk).update(is_paused=True)
    assert offered(pool) == []


def test_a_queue_hands_out_as_many_as_it_has_slots() -> None:
    pool = factories.work_pool()
    limited = factories.work_queue(pool, concurrency_limit=3, priority=1)
    WorkQueue.objects.filter(pk=pool.default_queue.pk).update(priority=2)
    for state in (factories.pending(), factories.running(), factories.completed()):
        factories.flow_run(state, work_queue=limited)
    oldest = due(limited, 9)
    due(limited, 8)
    free = due(pool.default_queue)

    assert offered(pool) == [oldest, free]
    WorkQueue.objects.filter(pk=limited.pk).update(concurrency_limit=0)
    assert offered(pool) == [free]


def test_a_pool_hands_out_as_many_as_it_has_slots() -> None:
    pool = factories.work_pool(concurrency_limit=2)
    factories.flow_run(factories.running(), work_queue=pool.default_queue)
    first = due(pool.default_queue, 5)
    due(pool.default_queue, 4)

    assert offered(pool) == [first]
    factories.flow_run(factories.running(), work_queue=pool.default_queue)
    assert offered(pool) == []


def test_a_classic_queue_counts_what_is_being_cancelled_too() -> None:
    queue = factories.work_queue(concurrency_limit=2)
    factories.flow_run(factories.cancelling(), work_queue=queue)
    first = due(queue, 5)
    due(queue, 4)
    wanted = Wanted(limit=5, before=now())

    assert of_classic_queue(queue, wanted, actor=OWNER, now=now()) == [first]
    queue.is_paused = True
    assert of_classic_queue(queue, wanted, actor=OWNER, now=now()) == []


def test_a_poll_asks_few_questions_and_an_idle_one_a_single(
    django_assert_num_queries: Any,
) -> None:
    pool, idle = factories.work_pool(), factories.work_pool()
    due(pool.default_queue)
    due(idle.default_queue, -30)

    with django_assert_num_queries(2):
        assert len(offered(pool)) == 1
    with django_assert_num_queries(1):
        assert offered(idle) == []


def test_a_poll_that_cannot_be_noted_goes_on() -> None:
    pool = factories.work_pool()
    queues = queues_named(pool.name, [], actor=OWNER)
    at = now()
    note_poll(queues, at)
    note_poll(queues_named(pool.name, [], actor=OWNER), at + timedelta(seconds=9))
    assert WorkQueue.objects.get(pk=pool.default_queue.pk).last_polled == at
    with connection.execute_wrapper(busy):
        note_poll(queues, at + timedelta(seconds=20))
    assert WorkQueue.objects.get(pk=pool.default_queue.pk).last_polled == at


def busy(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
    """A database that has no time for writes."""
    if statement.startswith("UPDATE"):
        raise OperationalError("database is locked")
    return execute(statement, params, many, context)
