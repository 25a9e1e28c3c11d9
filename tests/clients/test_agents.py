"""Deployments with an infrastructure block are run by the real agent (2.20 only)."""

from __future__ import annotations

import pytest

from tests.clients.stage import PLAIN, Stage

QUEUE = "for-agents"
pytestmark = pytest.mark.parametrize("generation", [2], indirect=True, ids=["2.x"])


def launch(stage: Stage) -> None:
    """Build deployments, start the agent, ask for runs."""
    if stage.generation != 2:
        return
    for flow in ("greet", "sleeping"):
        options = ("--name", "built", "--work-queue", QUEUE, "--apply")
        stage.cli("deployment", "build", f"deployed.py:{flow}", *options)
    stage.spawn("agent", stage.prefect, "agent", "start", "-q", QUEUE)
    stage.launch("built", "greet/built", parameters={"name": "agent"})
    stage.launch("built, cancelled", "sleeping/built")


def test_agent_runs_what_is_in_its_queue(stage: Stage):
    run = stage.outcome(stage.runs["built"], "Completed")

    assert run.path == PLAIN[2]
    assert run.times_said("hello agent") == 1
    assert run.run["work_queue_name"] == QUEUE
    assert run.run["infrastructure_pid"]


def test_agent_ends_the_process_of_a_cancelled_run(stage: Stage):
    id = stage.runs["built, cancelled"]
    stage.outcome(id, "Running")
    assert stage.processes_of(id)

    stage.cli("flow-run", "cancel", id)

    run = stage.outcome(id, "Cancelled")
    assert run.path[-3:] == ["Running", "Cancelling", "Cancelled"]
    assert stage.processes_of(id) == []
