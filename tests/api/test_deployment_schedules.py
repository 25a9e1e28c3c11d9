"""Schedules of deployments over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.ids import uuid7
from deployments.models import Deployment
from deployments.scheduling.planner import plan
from runs.models import FlowRun
from tests import factories
from tests.api.conftest import Api

HOURLY = {"interval": 3600.0, "anchor_date": "2026-01-01T00:00:00Z"}


def slugs(deployment: Deployment) -> dict[str | None, float]:
    """The intervals of a deployment's schedules by slug."""
    return {row.slug: row.schedule["interval"] for row in deployment.schedules.all()}


def made(*names: str | None) -> Deployment:
    """A deployment with hourly schedules of these slugs."""
    deployment = factories.deployment()
    for name in names:
        factories.schedule(deployment, HOURLY, slug=name)
    return deployment


def test_schedules_are_added_read_changed_and_removed(api: Api) -> None:
    deployment = factories.deployment()
    address = f"/deployments/{deployment.pk}/schedules"

    added = api.call("POST", address, [{"schedule": HOURLY}, {"schedule": HOURLY}])
    one, two = added.json
    changed = api.patch(f"{address}/{one['id']}", {"active": False, "slug": None})
    removed = api.delete(f"{address}/{two['id']}")

    assert (added.status, changed.status, removed.status) == (201, 204, 204)
    (left,) = api.get(address).json
    assert (left["id"], left["active"]) == (one["id"], False)
    assert left["schedule"]["timezone"] == "UTC"


@pytest.mark.parametrize(
    ("method", "address", "body", "text"),
    [
        ("GET", "{other}/schedules", None, "Deployment not found."),
        ("POST", "{other}/schedules", [], "Deployment not found."),
        ("PATCH", "{id}/schedules/{other}", {"active": True}, "Schedule not found."),
        ("DELETE", "{id}/schedules/{other}", None, "Schedule not found."),
    ],
)
def test_what_is_unknown_is_not_found(
    api: Api, method: str, address: str, body: Any, text: str
) -> None:
    path = address.format(id=made().pk, other=uuid7())

    answer = api.call(method, f"/deployments/{path}", body)

    assert (answer.status, answer.json) == (404, {"detail": text})


def test_a_deployment_without_slugs_gets_the_schedules_of_a_patch_instead(
    api: Api,
) -> None:
    deployment = made(None, None)

    api.patch(f"/deployments/{deployment.pk}", {"schedules": [{"schedule": HOURLY}]})

    assert deployment.schedules.count() == 1


def test_schedules_are_matched_by_slug(api: Api) -> None:
    deployment = made("keep", "change", "old")
    day = {**HOURLY, "interval": 86400.0}

    answer = api.patch(
        f"/deployments/{deployment.pk}",
        {
            "schedules": [
                {"slug": "change", "schedule": day},
                {"slug": "new", "schedule": day},
                {"slug": "renamed", "replaces": "old"},
            ]
        },
    )

    assert answer.status == 204
    assert slugs(deployment) == {
        "keep": 3600.0,
        "change": 86400.0,
        "new": 86400.0,
        "renamed": 3600.0,
    }


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ([{"schedule": HOURLY}], "provide a slug for each schedule"),
        ([{"slug": "new"}], "needs its `schedule`"),
    ],
)
def test_a_patch_that_leaves_open_which_schedule_is_meant_is_refused(
    api: Api, sent: list[dict[str, Any]], text: str
) -> None:
    deployment = made("keep")

    answer = api.patch(f"/deployments/{deployment.pk}", {"schedules": sent})

    assert answer.status == 422
    assert text in answer.json["detail"]
    assert slugs(deployment) == {"keep": 3600.0}


def test_two_schedules_cannot_share_a_slug(api: Api) -> None:
    deployment = made("taken")
    row = {"schedule": HOURLY, "slug": "taken"}

    answer = api.call("POST", f"/deployments/{deployment.pk}/schedules", [row])

    assert answer.status == 409


def test_changing_a_schedule_takes_back_what_was_planned(api: Api) -> None:
    deployment = made(None)
    plan(deployment.pk, now=now())
    (schedule,) = deployment.schedules.all()
    assert FlowRun.objects.count() == 3

    api.patch(
        f"/deployments/{deployment.pk}/schedules/{schedule.pk}", {"active": False}
    )

    assert not FlowRun.objects.exists()


def test_a_window_of_the_past_is_planned_on_request(api: Api) -> None:
    deployment = made(None)
    end = now().replace(minute=0, second=0, microsecond=0)
    window = {
        "start_time": (end - timedelta(hours=5)).isoformat(),
        "end_time": end.isoformat(),
        "min_runs": 100,
    }

    first = api.post(f"/deployments/{deployment.pk}/schedule", window)
    api.post(f"/deployments/{deployment.pk}/schedule", window)

    assert (first.status, first.json) == (200, None)
    assert FlowRun.objects.count() == 6


def test_a_window_with_too_many_runs_is_refused(api: Api) -> None:
    deployment = made(None, None, None)
    window = {"min_time": 1e9, "end_time": "2099-01-01T00:00:00Z", "max_runs": 500}

    answer = api.post(f"/deployments/{deployment.pk}/schedule", window)

    assert answer.status == 422
    assert "at most 1000" in answer.json["detail"]
    assert not FlowRun.objects.exists()


def test_planning_a_deployment_that_is_gone_does_nothing(api: Api) -> None:
    assert api.post(f"/deployments/{uuid7()}/schedule").status == 200
