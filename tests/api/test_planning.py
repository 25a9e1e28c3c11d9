"""Previews, holds, back-fills, calendars and care, over the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests import factories as make
from tests.factories import flow

DAILY = {"cron": "0 9 * * *", "timezone": "Europe/Berlin"}


@pytest.fixture
def deployed(api) -> dict[str, Any]:
    """A deployment with a daily schedule."""
    body = {
        "name": "nightly",
        "flow_id": str(flow().pk),
        "schedules": [{"schedule": DAILY, "slug": "daily"}],
    }
    found: dict[str, Any] = api.post("/deployments/", body).json
    return found


def schedule(deployed: dict[str, Any]) -> dict[str, Any]:
    """Its schedule."""
    (found,) = deployed["schedules"]
    return dict(found)


def test_a_stored_schedule_is_previewed(api, deployed):
    path = f"/x/v1/deployments/{deployed['id']}/preview"

    found = api.post(path, {"schedule_id": schedule(deployed)["id"], "count": 3}).json

    assert found["timezone"] == "Europe/Berlin"
    assert [one["local"][11:16] for one in found["upcoming"]] == ["09:00"] * 3
    instants = [one["instant"] for one in found["upcoming"]]
    assert instants == sorted(instants)


def test_a_draft_is_previewed_and_nothing_is_stored(api, deployed):
    path = f"/x/v1/deployments/{deployed['id']}/preview"
    draft = {"schedule": {"cron": "30 10 * * *", "timezone": "UTC"}}

    new = api.post(path, {"draft": draft, "count": 1}).json
    body = {"schedule_id": schedule(deployed)["id"], "draft": draft, "count": 1}
    changed = api.post(path, body).json

    assert new["upcoming"][0]["local"][11:16] == "10:30"
    assert changed["upcoming"][0]["local"][11:16] == "10:30"
    stored = api.get(f"/deployments/{deployed['id']}/schedules").json
    assert [one["schedule"] for one in stored] == [schedule(deployed)["schedule"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"draft": {"schedule": {"cron": "x"}}}, 422),
        ({"draft": {"schedule": DAILY, "calendars": ["nothing"]}}, 422),
        ({"schedule_id": str(uuid4())}, 404),
        ({"draft": {"schedule": DAILY}, "count": 1000}, 422),
    ],
)
def test_a_preview_of_nothing_is_refused(api, deployed, body, status):
    found = api.post(f"/x/v1/deployments/{deployed['id']}/preview", body)

    assert found.status == status, found.content


def test_a_hold_stays_through_a_deploy_until_it_is_released(api, deployed):
    path = f"/x/v1/deployments/{deployed['id']}"
    assert api.post(f"{path}/hold", {"reason": "repairs"}).status == 204
    again = {"name": "nightly", "flow_id": deployed["flow_id"], "paused": False}
    api.post("/deployments/", {**again, "schedules": [{"schedule": DAILY}]})

    (hold,) = api.get(f"{path}/holds").json
    held = api.get(f"/deployments/{deployed['id']}").json
    released = api.post(f"{path}/release", {})

    assert (hold["reason"], hold["schedule_identity"]) == ("repairs", None)
    assert held["paused"] is True
    assert released.status == 204
    assert api.get(f"{path}/holds").json == []
    assert api.get(f"/deployments/{deployed['id']}").json["paused"] is False


def test_one_schedule_is_held_by_its_identity(api, deployed):
    path = f"/x/v1/deployments/{deployed['id']}"

    api.post(f"{path}/hold", {"schedule_id": schedule(deployed)["id"]})

    (hold,) = api.get(f"{path}/holds").json
    (row,) = api.get(f"/deployments/{deployed['id']}/schedules").json
    assert hold["schedule_identity"] == row["identity"]
    assert row["active"] is False


def test_a_back_fill_is_tried_started_paused_and_cancelled(api, deployed):
    path = f"/x/v1/deployments/{deployed['id']}/backfills"
    body = {
        "schedule_id": schedule(deployed)["id"],
        "start": "2026-01-01T00:00:00Z",
        "end": "2026-01-04T00:00:00Z",
        "limit": 2,
    }

    dry = api.post(path, {**body, "dry_run": True})
    started = api.post(path, body)
    one = f"/x/v1/backfills/{started.json['id']}"
    paused = api.post(f"{one}/pause")
    resumed = api.post(f"{one}/resume")
    cancelled = api.post(f"{one}/cancel")

    assert (dry.status, dry.json["runs"], len(dry.json["first"])) == (200, 3, 3)
    assert (started.status, started.json["runs"]) == (201, {"SCHEDULED": 2})
    assert paused.json["status"] == "paused"
    assert resumed.json["status"] == "running"
    assert cancelled.json["status"] == "cancelled"
    assert api.post(f"{one}/resume").status == 409
    assert api.get(one).json["status"] == "cancelled"
    assert len(api.get(path).json) == 1


def test_runs_tell_their_interval_and_their_back_fill(api, deployed):
    body = {
        "schedule_id": schedule(deployed)["id"],
        "start": "2026-01-02T00:00:00Z",
        "end": "2026-01-03T00:00:00Z",
    }
    made = api.post(f"/x/v1/deployments/{deployed['id']}/backfills", body).json

    wanted = {"deployments": {"id": {"any_": [deployed["id"]]}}}
    runs = api.post("/flow_runs/filter", wanted).json
    (run,) = [one for one in runs if one["backfill_id"] == made["id"]]

    assert run["interval_start"] == "2026-01-01T08:00:00Z"
    assert run["interval_end"] == "2026-01-02T08:00:00Z"
    assert run["schedule_identity"] == made["schedule_identity"]


def test_calendars_are_made_named_by_schedules_and_kept_while_used(api, deployed):
    made = api.post("/x/v1/calendars", {"name": "rest", "weekdays": [6, 7]})
    path = f"/deployments/{deployed['id']}/schedules/{schedule(deployed)['id']}"
    assert api.patch(path, {"calendars": ["rest"]}).status == 204

    one = f"/x/v1/calendars/{made.json['id']}"
    refused = api.delete(one)
    changed = api.patch(one, {"description": "weekends"})

    assert (made.status, refused.status, changed.status) == (201, 409, 204)
    assert api.get(one).json["description"] == "weekends"
    assert [row["name"] for row in api.get("/x/v1/calendars").json] == ["rest"]
    assert api.post("/x/v1/calendars", {"name": "rest"}).status == 409
    assert api.post("/x/v1/calendars", {"name": "x", "zone": "No/Where"}).status == 422


def test_care_of_lost_and_long_runs_is_set_and_read(api, deployed):
    path = f"/x/v1/deployments/{deployed['id']}/care"
    wanted = {"retry_on": "crashed", "retry_limit": 2, "max_run_seconds": 60.0}

    changed = api.patch(path, wanted)

    assert changed.json == wanted
    assert api.get(path).json == wanted
    assert api.patch(path, {"max_run_seconds": None}).json["max_run_seconds"] is None
    assert api.patch(path, {"retry_on": "always"}).status == 422


def test_an_edited_schedule_is_reverted(api, deployed):
    id = schedule(deployed)["id"]
    path = f"/deployments/{deployed['id']}/schedules/{id}"
    api.patch(path, {"schedule": {"cron": "0 1 * * *"}})

    answer = api.post(f"/x/v1/deployments/{deployed['id']}/schedules/{id}/revert")

    assert answer.status == 204
    (row,) = api.get(f"/deployments/{deployed['id']}/schedules").json
    assert row["schedule"] == schedule(deployed)["schedule"]


def test_waiting_runs_are_listed_with_their_causes(api):
    make.flow_run()

    assert api.get("/x/v1/waiting").json == {"runs": [], "causes": []}
