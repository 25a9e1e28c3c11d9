"""Flows deployed to a process pool are run by the real workers."""

from __future__ import annotations

from tests.clients.client import eventually
from tests.clients.stage import PLAIN, Stage


def launch(stage: Stage) -> None:
    """Ask for the runs of this file."""
    printed = stage.cli(
        *("deployment", "run", stage.pooled("greet")),
        *("--param", 'name="Ada"', "--param", "times=2"),
    )
    (line,) = [line for line in printed.splitlines() if "UUID" in line]
    stage.runs["with parameters"] = line.split()[-1]
    stage.launch(
        "caller",
        stage.pooled("calling"),
        parameters={"deployment": stage.pooled("greet")},
    )
    for key in ("first", "second"):
        stage.launch(key, stage.pooled("greet"), idempotency_key="only once")


def test_run_with_parameters_is_executed_by_the_worker(stage: Stage):
    run = stage.outcome(stage.runs["with parameters"], "Completed")

    assert run.run["parameters"] == {"name": "Ada", "times": 2}
    assert run.path == PLAIN[stage.generation]
    assert run.times_said("hello Ada", at_least=2) == 2
    assert run.run["infrastructure_pid"]
    assert run.run["work_pool_name"] == stage.pool


def test_worker_and_pool_are_ready(stage: Stage):
    stage.outcome(stage.runs["with parameters"], "Completed")

    (worker,) = eventually(
        lambda: stage.api.post(
            f"/work_pools/{stage.pool}/workers/filter", json={}
        ).json(),
        lambda found: len(found) == 1,
    )
    pool = stage.api.get(f"/work_pools/{stage.pool}").json()
    assert (worker["status"], pool["status"]) == ("ONLINE", "READY")


def test_equal_idempotency_keys_are_one_run(stage: Stage):
    assert stage.runs["first"] == stage.runs["second"]
    stage.outcome(stage.runs["first"], "Completed")


def test_run_deployment_inside_a_flow_is_its_subflow(stage: Stage):
    parent = stage.outcome(stage.runs["caller"], "Completed")

    (dummy,) = parent.task_runs(1)
    child = stage.outcome(
        dummy["state"]["state_details"]["child_flow_run_id"], "Completed"
    )
    assert child.run["parent_task_run_id"] == dummy["id"]
    assert child.run["deployment_id"] == stage.deployments[stage.pooled("greet")]
    assert child.path == PLAIN[stage.generation]
    assert parent.times_said("child ended Completed") == 1
