"""The loops that store reasons and announce statuses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.actor import OWNER
from core.clock import now
from core.ids import uuid7
from events.models import Event
from runs.models import FlowRun
from tests import factories as make
from work_pools import reads
from work_pools.loops import Foreman, WhyNot
from work_pools.models import Waiting, WorkPool, WorkQueue

pytestmark = pytest.mark.django_db


def late(queue: WorkQueue, seconds: float = 60) -> FlowRun:
    """A run that has been due for so long."""
    return make.flow_run(
        make.late(timedelta(seconds=seconds)),
        deployment=make.deployment(),
        work_queue=queue,
    )


def stored(run: FlowRun) -> Waiting:
    """The stored reason of a run."""
    return Waiting.objects.get(pk=run.pk)


def test_a_due_run_gets_its_reason_and_loses_it_when_it_is_taken() -> None:
    pool = make.work_pool(name="gpu", is_paused=True)
    run, fresh = late(pool.default_queue), late(pool.default_queue, seconds=1)
    ahead = make.scheduled(now() + timedelta(minutes=1))
    make.flow_run(ahead, work_queue=pool.default_queue)
    at = now()

    assert WhyNot().tick(at) is False

    row = stored(run)
    assert (row.kind, row.sentence) == ("pool-paused", "pool gpu is paused")
    assert (row.object_kind, row.object_id) == ("work_pool", pool.pk)
    assert row.since == at
    assert Waiting.objects.count() == 1
    assert fresh.pk not in reads.waiting([fresh.pk])
    FlowRun.objects.filter(pk=run.pk).delete()
    WhyNot().tick(now())
    assert not Waiting.objects.filter(pk=run.pk).exists()


def test_a_reason_that_stays_is_not_written_again(
    django_assert_num_queries: Any,
) -> None:
    pool = make.work_pool(name="gpu", is_paused=True)
    run = late(pool.default_queue)
    loop, first = WhyNot(), now()
    loop.tick(first)

    later = first + timedelta(minutes=1)
    with django_assert_num_queries(7):  # not one of them writes
        loop.tick(later)
    assert stored(run).since == first

    WorkPool.objects.update(is_paused=False)
    loop.tick(later)
    row = stored(run)
    assert (row.kind, row.since) == ("no-worker", later)


def test_a_change_of_numbers_keeps_the_time_of_the_cause() -> None:
    pool = make.work_pool(name="gpu", concurrency_limit=1)
    for name in ("one", "two"):
        make.flow_run(make.running(), work_queue=pool.default_queue, name=name)
    run = late(pool.default_queue)
    loop, first = WhyNot(), now()
    loop.tick(first)
    assert stored(run).sentence == "pool gpu is full (2 of 1), held by one and two"
    assert [holder["name"] for holder in stored(run).holders] == ["one", "two"]

    FlowRun.objects.filter(name="one").delete()
    loop.tick(first + timedelta(minutes=1))

    row = stored(run)
    assert row.sentence == "pool gpu is full (1 of 1), held by two"
    assert row.since == first


def test_batches_leave_nobody_out() -> None:
    pool = make.work_pool(name="gpu", is_paused=True)
    for _ in range(7):
        late(pool.default_queue)
    loop = WhyNot()
    loop.batch = 3  # type: ignore[misc] # a batch as a test can fill it

    turns = 1
    while loop.tick(now()):
        turns += 1

    assert turns == 3
    WorkPool.objects.update(name="tpu")
    for _ in range(3):
        loop.tick(now())
    assert set(Waiting.objects.values_list("object_name", flat=True)) == {"tpu"}


def test_reads_tell_depth_and_causes() -> None:
    pool = make.work_pool(name="gpu", is_paused=True)
    first, second = late(pool.default_queue, 90), late(pool.default_queue, 30)
    at = now()
    WhyNot().tick(at)

    assert [row.pk for row in reads.longest_waiting(OWNER, 5)] == [first.pk, second.pk]
    assert reads.causes(OWNER) == [("pool-paused", "gpu", 2)]
    assert reads.waiting([uuid7()]) == {}


def told() -> list[str]:
    """Names of the events about pools and queues, the oldest first."""
    rows = Event.objects.filter(event__startswith="prefect.work-").order_by("seq")
    return list(rows.values_list("event", flat=True))


def test_the_foreman_announces_each_change_once() -> None:
    pool = make.work_pool(name="gpu")
    worker = make.worker(pool, last_heartbeat=now())
    start = now()
    queue = pool.default_queue
    queue.last_polled = start
    queue.save()

    def tick(at: datetime) -> list[str]:
        before = len(told())
        Foreman().tick(at)
        Foreman().tick(at)
        return told()[before:]

    assert tick(start) == []  # what was never announced is not a change
    assert tick(start + timedelta(seconds=61)) == ["prefect.work-queue.not-ready"]
    assert tick(start + timedelta(seconds=95)) == ["prefect.work-pool.not-ready"]
    worker.last_heartbeat = start + timedelta(seconds=100)
    worker.save()
    assert tick(start + timedelta(seconds=101)) == ["prefect.work-pool.ready"]
    WorkPool.objects.update(is_paused=True)
    assert tick(start + timedelta(seconds=102)) == ["prefect.work-pool.paused"]


def test_a_pool_of_our_agents_is_ready_too() -> None:
    pool = make.work_pool(name="gpu", announced="NOT_READY")
    make.agent(name="agent-1", work_pool="gpu")

    Foreman().tick(now())

    assert told() == ["prefect.work-pool.ready"]
    pool.refresh_from_db()
    assert pool.announced == "READY"
