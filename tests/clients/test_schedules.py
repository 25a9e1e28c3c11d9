"""Schedules paused and resumed with the real command lines."""

from __future__ import annotations

from typing import Any

from tests.clients.client import eventually
from tests.clients.stage import Stage

NAME = "scheduled"


def launch(stage: Stage) -> None:
    """Deploy what is scheduled; nothing has to run."""
    pool = stage.named("unattended")
    stage.cli("work-pool", "create", pool, "--type", "process")
    stage.deploy("greet", name=stage.named(NAME), work_pool_name=pool, cron="0 6 * * *")


def planned(stage: Stage, deployment_id: str) -> list[dict[str, Any]]:
    """The runs that the scheduler made."""
    wanted = {"deployments": {"id": {"any_": [deployment_id]}}}
    found: list[dict[str, Any]]
    found = stage.api.post("/flow_runs/filter", json=wanted).json()
    return [run for run in found if run["auto_scheduled"]]


def test_paused_schedule_plans_nothing_until_it_is_resumed(stage: Stage):
    name = f"greet/{stage.named(NAME)}"
    id = stage.deployments[name]
    (schedule,) = stage.api.get(f"/deployments/{id}/schedules").json()
    before = eventually(lambda: planned(stage, id), lambda runs: len(runs) >= 3)
    assert {run["next_scheduled_start_time"][11:16] for run in before} == {"06:00"}

    stage.cli("deployment", "schedule", "pause", name, schedule["id"])

    (paused,) = stage.api.get(f"/deployments/{id}/schedules").json()
    assert paused["active"] is False
    assert planned(stage, id) == []
    assert "False" in stage.cli("deployment", "schedule", "ls", name)

    stage.cli("deployment", "schedule", "resume", name, schedule["id"])

    (resumed,) = stage.api.get(f"/deployments/{id}/schedules").json()
    assert resumed["active"] is True
    after = eventually(
        lambda: planned(stage, id), lambda runs: len(runs) >= 3, within=90
    )
    times = {run["next_scheduled_start_time"] for run in after}
    assert times == {run["next_scheduled_start_time"] for run in before}
