"""Flows that a real client serves are run by the process that serves them."""

from __future__ import annotations

from typing import Any

from tests.clients.client import eventually
from tests.clients.stage import PLAIN, Stage


def launch(stage: Stage) -> None:
    """Start serving."""
    stage.spawn("serve", "deployed.py", stage.named("served"))


def served(stage: Stage) -> dict[str, Any]:
    """The served deployment, once it is there."""
    address = f"/deployments/name/greet/{stage.named('served')}"
    found = eventually(
        lambda: stage.api.get(address),
        lambda answer: answer.status_code == 200,
        within=120,
    )
    deployment: dict[str, Any] = found.json()
    return deployment


def planned(stage: Stage, deployment_id: str) -> list[dict[str, Any]]:
    """Its planned runs."""
    wanted = {
        "deployments": {"id": {"any_": [deployment_id]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    found: list[dict[str, Any]]
    found = stage.api.post("/flow_runs/filter", json=wanted).json()
    return [run for run in found if run["auto_scheduled"]]


def test_serving_runs_what_is_asked_for_and_rests_when_it_ends(stage: Stage):
    deployment = served(stage)
    id = stage.launch("served", f"greet/{deployment['name']}")
    run = stage.outcome(id, "Completed")

    assert run.run["parameters"] == {"name": "served"}
    assert run.path == PLAIN[stage.generation]
    assert run.times_said("hello served") == 1
    assert eventually(lambda: planned(stage, deployment["id"]), bool)

    stage.stop("serve")

    assert served(stage)["paused"] is True
    assert planned(stage, deployment["id"]) == []
