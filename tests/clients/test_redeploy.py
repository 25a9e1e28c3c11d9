"""Redeploying with a real client leaves alone what people held and edited."""

from __future__ import annotations

import re
from typing import Any

import httpx
import yaml

from tests.clients.client import eventually
from tests.clients.stage import Stage

HELD, EDITED = "0 6 * * *", "0 7 * * *"
OFTEN = {"interval": 60.0, "anchor_date": "2026-01-01T00:00:30+00:00"}


def launch(stage: Stage) -> None:
    """Deploy with three schedules, one of which is due every minute."""
    pool = stage.named("idle")
    stage.cli("work-pool", "create", pool, "--type", "process")
    schedules = [
        {"cron": HELD, "timezone": "UTC"},
        {"cron": EDITED, "timezone": "UTC"},
        {**OFTEN, "timezone": "UTC"},
    ]
    one = {
        "entrypoint": "deployed.py:greet",
        "parameters": {"name": "redeployed"},
        "work_pool": {"name": pool},
        "schedules": schedules,
    }
    names = ("redeployed", "held")
    content = {"deployments": [{"name": stage.named(name), **one} for name in names]}
    (stage.home / "prefect.yaml").write_text(yaml.safe_dump(content))
    redeploy(stage)


def redeploy(stage: Stage) -> None:
    """Deploy everything once more."""
    stage.cli("--no-prompt", "deploy", "--all")


def submit(person: httpx.Client, address: str, **typed: str) -> None:
    """Send a form of a page; what is not typed stays out."""
    page = person.get(address).raise_for_status().text
    (token, *_) = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)
    answer = person.post(address, data={"csrfmiddlewaretoken": token, **typed})
    assert answer.status_code == 303, answer.text


class Deployed:
    """One of the deployments as our API tells it."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage = stage
        self.address = f"/deployments/name/greet/{stage.named(name)}"

    @property
    def deployment(self) -> dict[str, Any]:
        """The deployment."""
        found: dict[str, Any]
        found = self.stage.api.get(self.address).raise_for_status().json()
        return found

    def schedule(self, **shape: Any) -> dict[str, Any]:
        """Its only schedule of a shape."""
        (found,) = [
            schedule
            for schedule in self.deployment["schedules"]
            if shape.items() <= schedule["schedule"].items()
        ]
        return dict(found)

    def runs(self, **state: Any) -> list[dict[str, Any]]:
        """Its runs in a state."""
        wanted: dict[str, Any] = {
            "deployments": {"id": {"any_": [self.deployment["id"]]}}
        }
        if state:
            wanted["flow_runs"] = {"state": state}
        found: list[dict[str, Any]]
        found = self.stage.api.post("/flow_runs/filter", json=wanted).json()
        return found

    def late(self) -> list[dict[str, Any]]:
        """Its runs that are late, without what a clock changes."""
        keep = ("id", "state_id", "next_scheduled_start_time", "parameters")
        runs = self.runs(name={"any_": ["Late"]})
        return [{key: run[key] for key in keep} for run in runs]

    def hours(self) -> set[str]:
        """When the planned runs of its cron schedules start."""
        planned = self.runs(name={"any_": ["Scheduled"]})
        times = {run["next_scheduled_start_time"][11:19] for run in planned}
        return {time[:5] for time in times if time.endswith(":00")}


def hold_and_edit(person: httpx.Client, deployed: Deployed) -> None:
    """On the pages: one schedule rests, another gets a different hour."""
    address = f"/deployments/{deployed.deployment['id']}/schedules"
    rests, changes = deployed.schedule(cron=HELD), deployed.schedule(cron=EDITED)
    submit(person, f"{address}/{rests['id']}/hold", reason="rest")
    submit(
        person,
        f"{address}/{changes['id']}",
        kind="cron",
        cron="0 9 * * *",
        day_or="on",
        timezone="UTC",
        active="on",
        catchup_policy="none",
        overlap_policy="allow",
    )


def test_redeploys_leave_holds_edits_and_late_runs_alone(stage: Stage, long: bool):
    one, held = Deployed(stage, "redeployed"), Deployed(stage, "held")
    late = [eventually(each.late, bool, within=120) for each in (one, held)]
    assert all(late)
    with httpx.Client(base_url=stage.server.url, trust_env=False) as person:
        hold_and_edit(person, one)
        submit(person, f"/deployments/{held.deployment['id']}/hold", reason="rest")

    for _ in range(20 if long else 5):
        redeploy(stage)

    assert one.schedule(cron=HELD)["active"] is False
    assert one.schedule(cron="0 9 * * *")["active"] is True
    assert len(one.deployment["schedules"]) == 3
    assert held.deployment["paused"] is True
    for each, before in zip((one, held), late, strict=True):
        after = each.late()
        assert [run for run in before if run not in after] == []
    hours = eventually(one.hours, lambda hours: "09:00" in hours, within=60)
    assert "09:00" in hours
    assert not {"06:00", "07:00"} & hours
    assert held.hours() == set()
