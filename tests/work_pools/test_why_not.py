"""Planted causes of lateness: the reason names the exact object each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from concurrency import slots
from core.clock import now
from deployments.models import Hold
from runs.models import FlowRun
from runs.states import AWAITING_SLOT
from tests import factories as make
from work_pools.models import WorkPool, WorkQueue
from work_pools.reasons import Kind, Reason
from work_pools.why_not import reasons, waiting_for, why_not

pytestmark = pytest.mark.django_db


def late(queue: WorkQueue | None = None, **columns: Any) -> FlowRun:
    """A run of a deployment that should have started."""
    columns.setdefault("deployment", make.deployment(name="etl"))
    return make.flow_run(make.late(), name="mine", work_queue=queue, **columns)


def polled_pool(ago: float = 1, name: str = "gpu", **columns: Any) -> WorkPool:
    """A pool whose queue was asked `ago` seconds ago."""
    pool = make.work_pool(name=name, **columns)
    polled(pool.default_queue, ago)
    return pool


def polled(queue: WorkQueue, ago: float = 1) -> WorkQueue:
    """A queue that was asked `ago` seconds ago."""
    queue.last_polled = now() - timedelta(seconds=ago)
    queue.save()
    return queue


def busy(queue: WorkQueue, *names: str, **columns: Any) -> list[FlowRun]:
    """Running runs with these names, the longest first."""
    start = now() - timedelta(hours=1)
    return [
        make.flow_run(
            make.running(),
            at=start + timedelta(minutes=number),
            name=name,
            work_queue=queue,
            **columns,
        )
        for number, name in enumerate(names)
    ]


def pool_paused() -> FlowRun:
    return late(polled_pool(is_paused=True).default_queue)


def queue_paused() -> FlowRun:
    return late(make.work_queue(polled_pool(), name="slow", is_paused=True))


def pool_full() -> FlowRun:
    pool = polled_pool(concurrency_limit=2)
    busy(pool.default_queue, "one", "two")
    return late(make.work_queue(pool, name="slow"))


def queue_full() -> FlowRun:
    pool = polled_pool()
    slow = polled(make.work_queue(pool, name="slow", concurrency_limit=1))
    busy(slow, "one")
    return late(slow)


def deployment_full() -> FlowRun:
    queue = polled_pool().default_queue
    deployment = make.deployment(name="etl", concurrency_limit=make.limit(1))
    (holder,) = busy(queue, "one", deployment=deployment)
    slots.take(
        [deployment.concurrency_limit],
        holder=("flow_run", holder.pk),
        ttl=timedelta(minutes=5),
        now=now(),
    )
    return late(queue, deployment=deployment)


def schedule_full() -> FlowRun:
    queue, deployment = polled_pool().default_queue, make.deployment(name="etl")
    columns = {"deployment": deployment, "schedule_identity": "nightly"}
    make.schedule(deployment, {"interval": 60}, identity="nightly", max_active_runs=1)
    busy(queue, "one", **columns)
    return late(queue, **columns)


def agent_full() -> FlowRun:
    pool = polled_pool(ago=900)
    holder, _ = busy(pool.default_queue, "one", "elsewhere")
    make.pulse(holder, last_seen=now())
    holder.pulse.source = "agent-1"
    holder.pulse.save()
    make.agent(name="agent-1", work_pool="gpu", limit=1, busy=1)
    return late(pool.default_queue)


def deployment_paused() -> FlowRun:
    deployment = make.deployment(name="etl", paused=True)
    queue = polled_pool().default_queue
    return late(queue, deployment=deployment, auto_scheduled=True)


def held() -> FlowRun:
    deployment = make.deployment(name="etl")
    Hold.objects.create(
        deployment=deployment, reason="audit", created_by={"display_value": "ann"}
    )
    queue = polled_pool().default_queue
    return late(queue, deployment=deployment, auto_scheduled=True)


def schedule_held() -> FlowRun:
    deployment = make.deployment(name="etl")
    Hold.objects.create(deployment=deployment, schedule_identity="nightly")
    columns = {"auto_scheduled": True, "schedule_identity": "nightly"}
    return late(polled_pool().default_queue, deployment=deployment, **columns)


def no_worker_yet() -> FlowRun:
    return late(make.work_pool(name="gpu").default_queue)


def no_worker_left() -> FlowRun:
    pool = polled_pool(ago=600)
    make.worker(pool, name="w-1", last_heartbeat=now() - timedelta(minutes=10))
    return late(pool.default_queue)


def nobody_polls() -> FlowRun:
    return late(polled_pool(ago=600).default_queue)


def worker_without_polls() -> FlowRun:
    pool = polled_pool(ago=600)
    make.worker(pool, name="w-1")
    return late(pool.default_queue)


def agent_without_polls() -> FlowRun:
    pool = polled_pool(ago=600)
    make.agent(name="agent-1", work_pool="gpu", limit=2, busy=1)
    return late(pool.default_queue)


def wrong_queue() -> FlowRun:
    pool = polled_pool()
    make.worker(pool, name="w-1")
    return late(make.work_queue(pool, name="slow"))


def served_by_nobody() -> FlowRun:
    return late()


def nothing() -> FlowRun:
    return late(polled_pool(concurrency_limit=5).default_queue)


Planted = tuple[Callable[[], FlowRun], Kind, tuple[str, str], str]
PLANTED: list[Planted] = [
    (pool_paused, Kind.PAUSED_POOL, ("work_pool", "gpu"), "pool gpu is paused"),
    (
        queue_paused,
        Kind.PAUSED_QUEUE,
        ("work_queue", "slow"),
        "queue slow of pool gpu is paused",
    ),
    (
        pool_full,
        Kind.FULL_POOL,
        ("work_pool", "gpu"),
        "pool gpu is full (2 of 2), held by one and two",
    ),
    (
        queue_full,
        Kind.FULL_QUEUE,
        ("work_queue", "slow"),
        "queue slow of pool gpu is full (1 of 1), held by one",
    ),
    (
        deployment_full,
        Kind.FULL_DEPLOYMENT,
        ("deployment", "etl"),
        "deployment etl is full (1 of 1), held by one",
    ),
    (
        schedule_full,
        Kind.FULL_SCHEDULE,
        ("deployment", "etl"),
        "schedule nightly of deployment etl has as many active runs as it may, "
        "held by one",
    ),
    (
        agent_full,
        Kind.FULL_AGENT,
        ("agent", "agent-1"),
        "agent agent-1 is full (1 of 1), held by one",
    ),
    (
        deployment_paused,
        Kind.PAUSED_DEPLOYMENT,
        ("deployment", "etl"),
        "deployment etl is paused",
    ),
    (
        held,
        Kind.HOLD,
        ("deployment", "etl"),
        "deployment etl is held by ann: audit",
    ),
    (
        schedule_held,
        Kind.HOLD,
        ("deployment", "etl"),
        "schedule nightly of deployment etl is held",
    ),
    (
        no_worker_yet,
        Kind.NO_WORKER,
        ("work_pool", "gpu"),
        "no worker has asked pool gpu for work yet",
    ),
    (
        no_worker_left,
        Kind.NO_WORKER,
        ("work_pool", "gpu"),
        "no worker of pool gpu is online, the last was w-1",
    ),
    (
        nobody_polls,
        Kind.NO_WORKER,
        ("work_pool", "gpu"),
        "no worker polls queue default of pool gpu",
    ),
    (
        worker_without_polls,
        Kind.SILENT_WORKER,
        ("worker", "w-1"),
        "worker w-1 of pool gpu is alive and asks for no work",
    ),
    (
        agent_without_polls,
        Kind.SILENT_WORKER,
        ("agent", "agent-1"),
        "agent agent-1 of pool gpu is alive and asks for no work",
    ),
    (
        wrong_queue,
        Kind.WRONG_QUEUE,
        ("work_queue", "slow"),
        "nobody asks queue slow of pool gpu for work, only queue default",
    ),
    (
        served_by_nobody,
        Kind.UNSERVED,
        ("deployment", "etl"),
        "deployment etl names no work pool, and nobody serves it",
    ),
    (
        nothing,
        Kind.NEXT_POLL,
        ("work_pool", "gpu"),
        "waits for the next poll of pool gpu",
    ),
]


@pytest.mark.parametrize(
    ("plant", "kind", "named", "sentence"),
    PLANTED,
    ids=[p[0].__name__ for p in PLANTED],
)
def test_a_planted_cause_is_named(
    plant: Callable[[], FlowRun], kind: Kind, named: tuple[str, str], sentence: str
) -> None:
    run = plant()

    reason: Reason = reasons([run], now())[run.pk]

    assert (reason.kind, reason.sentence) == (kind, sentence)
    assert (reason.thing.kind, reason.thing.name) == named
    assert reason.thing.id is not None


def test_runs_outside_of_deployments_are_their_makers_own() -> None:
    alone = make.flow_run(make.late(), name="mine")
    asleep = late(
        polled_pool().default_queue, empirical_policy={"retry_type": "in_process"}
    )

    told = why_not([alone, asleep], now())

    assert told[alone.pk] == "the process that made it has not started it"
    assert told[asleep.pk] == "its own process starts it again"


def test_a_manual_run_does_not_wait_for_a_hold() -> None:
    run = held()
    FlowRun.objects.filter(pk=run.pk).update(auto_scheduled=False)

    assert reasons([run], now())[run.pk].kind == Kind.NEXT_POLL


def test_nothing_is_in_the_way_of_a_run_that_is_not_due() -> None:
    queue = make.work_pool(is_paused=True).default_queue
    later = make.scheduled(now() + timedelta(hours=1))
    again = make.scheduled(now() + timedelta(seconds=30), name=AWAITING_SLOT)
    waits = deployment_full()

    assert waiting_for(make.flow_run(make.running(), work_queue=queue), now()) is None
    assert waiting_for(make.flow_run(later, work_queue=queue), now()) is None
    slot = make.flow_run(again, deployment=waits.deployment)
    reason = waiting_for(slot, now())
    assert reason is not None
    assert reason.kind == Kind.FULL_DEPLOYMENT


def test_many_runs_take_no_more_statements_than_one(
    django_assert_max_num_queries: Any,
) -> None:
    pool = polled_pool(concurrency_limit=5)
    runs = [late(pool.default_queue) for _ in range(5)]

    with django_assert_max_num_queries(5):
        assert len(reasons(runs, now())) == 5
