"""A running run that is cancelled ends, with its process."""

from __future__ import annotations

from tests.clients.client import eventually
from tests.clients.stage import Stage


def launch(stage: Stage) -> None:
    """Ask for the run of this file."""
    stage.launch("cancelled", stage.pooled("sleeping"))


def test_cancelled_run_ends_with_its_process(stage: Stage):
    id = stage.runs["cancelled"]
    stage.outcome(id, "Running")
    assert stage.processes_of(id)

    stage.cli("flow-run", "cancel", id)

    run = stage.outcome(id, "Cancelled")
    assert run.path[-3:] == ["Running", "Cancelling", "Cancelled"]
    assert eventually(lambda: stage.processes_of(id), lambda found: not found) == []
