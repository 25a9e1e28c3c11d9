"""Priorities and limits of queues, pools and deployments, kept by the real workers."""

from __future__ import annotations

import pytest

from tests.clients.client import Outcome, most_at_once
from tests.clients.stage import Stage

NARROW = "narrow"


def launch(stage: Stage) -> None:
    """Ask for the runs of this file."""
    share_a_narrow_pool(stage)
    queue = stage.named("single")
    stage.cli("work-queue", "create", queue, "--pool", stage.pool, "--limit", "1")
    options = {"name": queue, "work_pool_name": stage.pool, "work_queue_name": queue}
    stage.deploy("greet", **options)
    for number in range(2):
        stage.launch(f"single {number}", f"greet/{queue}")
    if stage.generation == 3:
        for strategy in ("ENQUEUE", "CANCEL_NEW"):
            limit_a_deployment(stage, strategy)


def share_a_narrow_pool(stage: Stage) -> None:
    """One run at a time, of two queues; the low one is asked first."""
    pool = stage.named(NARROW)
    stage.cli("work-pool", "create", pool, "--type", "process")
    stage.cli("work-pool", "set-concurrency-limit", pool, "1")
    for priority, queue in enumerate(("high", "low"), start=1):
        options = ("--pool", pool, "--priority", str(priority))
        stage.cli("work-queue", "create", queue, *options)
        stage.deploy(
            "greet",
            name=stage.named(queue),
            work_pool_name=pool,
            work_queue_name=queue,
        )
    for queue in ("low", "high"):
        stage.launch(queue, f"greet/{stage.named(queue)}")
    stage.spawn(pool, stage.prefect, "worker", "start", "--pool", pool)


def limit_a_deployment(stage: Stage, strategy: str) -> None:
    """Two runs of a deployment that allows one."""
    options = {"work_pool_name": stage.pool, "parameters": {"seconds": 5}}
    stage.deploy(
        "sleeping", verb="limited", name=strategy, strategy=strategy, **options
    )
    for number in range(2):
        stage.launch(f"{strategy} {number}", f"sleeping/{strategy}")


def outcomes(stage: Stage, *keys: str, states: tuple[str, ...]) -> list[Outcome]:
    """The ended runs."""
    return [stage.outcome(stage.runs[key], *states) for key in keys]


def test_narrow_pool_runs_the_queue_of_higher_priority_first(stage: Stage):
    low, high = outcomes(stage, "low", "high", states=("Completed",))

    assert most_at_once([low.span(), high.span()]) == 1
    assert high.span() < low.span()


def test_queue_with_a_limit_hands_out_one_at_a_time(stage: Stage):
    runs = outcomes(stage, "single 0", "single 1", states=("Completed",))

    assert most_at_once([run.span() for run in runs]) == 1


@pytest.mark.parametrize("generation", [3], indirect=True, ids=["3.x"])
def test_deployment_with_a_limit_lets_further_runs_wait(stage: Stage):
    runs = outcomes(stage, "ENQUEUE 0", "ENQUEUE 1", states=("Completed",))

    assert most_at_once([run.span() for run in runs]) == 1


@pytest.mark.parametrize("generation", [3], indirect=True, ids=["3.x"])
def test_deployment_with_a_limit_cancels_further_runs(stage: Stage):
    ends = ("Completed", "Cancelled")
    runs = outcomes(stage, "CANCEL_NEW 0", "CANCEL_NEW 1", states=ends)

    assert sorted(run.path[-1] for run in runs) == ["Cancelled", "Completed"]
    (cancelled,) = [run for run in runs if run.path[-1] == "Cancelled"]
    assert "Running" not in cancelled.path
