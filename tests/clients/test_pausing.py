"""Flows that pause or suspend themselves go on when somebody resumes them."""

from __future__ import annotations

from tests.clients.client import eventually
from tests.clients.stage import Stage


def launch(stage: Stage) -> None:
    """Ask for the runs of this file."""
    stage.launch("paused", stage.pooled("pausing"))
    stage.launch("left", stage.pooled("pausing"), parameters={"timeout": 3})
    stage.launch("asking", stage.pooled("asking"))


def test_paused_run_goes_on_in_its_process(stage: Stage):
    id = stage.runs["paused"]
    stage.outcome(id, "Paused")
    assert stage.processes_of(id)

    stage.ask("resume", id)

    run = stage.outcome(id, "Completed")
    assert run.path[-4:] == ["Running", "Paused", "Running", "Completed"]


def test_pause_that_nobody_ends_fails_the_run(stage: Stage):
    run = stage.outcome(stage.runs["left"], "Failed")

    ended = run.path[run.path.index("Running") :]
    assert ended[:3] == ["Running", "Paused", "Failed"]
    assert set(ended[3:]) <= {"Failed"}  # the server and the client both notice
    assert "never resumed" in run.run["state"]["message"]


def test_suspended_run_leaves_and_comes_back_with_its_input(stage: Stage):
    id = stage.runs["asking"]
    stage.outcome(id, "Suspended")
    assert eventually(lambda: stage.processes_of(id), lambda found: not found) == []

    stage.ask("resume", id, amount=7)

    run = stage.outcome(id, "Completed")
    assert "Resuming" in run.path
    assert run.path.index("Suspended") < run.path.index("Resuming")
    assert run.times_said("answered 7") == 1
    assert run.run["run_count"] == 1
