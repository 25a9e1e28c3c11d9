"""The page of a deployment, and what one press does to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.actor import OWNER
from core.clock import now
from deployments import holds, schedules
from deployments.models import Deployment
from runs.models import FlowRun
from tests import factories as make

pytestmark = pytest.mark.django_db

HOURLY = {"interval": 3600, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "UTC"}
MONDAYS = {"cron": "0 6 * * 1", "timezone": "Europe/Paris"}


def scheduled(**columns) -> Deployment:
    """A deployment with one schedule, made as a client makes it."""
    deployment = make.deployment(**columns)
    schedules.add(deployment.pk, [{"schedule": HOURLY}], actor=OWNER, now=now())
    return deployment


def text_of(client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200, page.content.decode()
    return page.content.decode()


def test_the_page_tells_status_place_schedule_and_runs(client):
    pool = make.work_pool(name="k8s-prod", is_paused=True)
    deployment = scheduled(
        name="prod",
        tags=["nightly"],
        version="v7",
        description="Builds the report.\nMore of it.",
        work_queue=pool.default_queue,
    )
    run = make.flow_run(make.failed("no disk"), deployment=deployment)

    text = text_of(client, f"/deployments/{deployment.pk}")

    assert 'data-status="not_ready"' in text
    assert "Work pool k8s-prod is paused." in text
    assert "every hour" in text
    assert "nightly" in text
    assert "v7" in text
    assert "Builds the report." in text
    assert "More of it." not in text
    assert run.name in text
    assert "no disk" in text


def test_older_runs_come_in_windows(client):
    deployment = make.deployment()
    for n in range(30):
        at = now() - timedelta(minutes=n + 1)
        make.flow_run(make.completed(), deployment=deployment, at=at)

    text = text_of(client, f"/deployments/{deployment.pk}?n=25")

    assert text.count("<tr data-id=") == 25
    assert 'id="older"' in text
    assert "before=" in text


def test_upcoming_runs_name_their_schedule_and_what_is_in_their_way(client):
    pool = make.work_pool(name="k8s-prod", is_paused=True)
    deployment = make.deployment(work_queue=pool.default_queue)
    (row,) = schedules.add(
        deployment.pk,
        [{"schedule": MONDAYS, "slug": "weekly"}],
        actor=OWNER,
        now=now(),
    )
    later = make.scheduled(now() + timedelta(hours=2))
    make.flow_run(
        later,
        deployment=deployment,
        work_queue=pool.default_queue,
        schedule_identity=row.identity,
    )
    make.flow_run(make.late(), deployment=deployment, work_queue=pool.default_queue)

    text = text_of(client, f"/deployments/{deployment.pk}/upcoming")

    assert "weekly" in text
    assert "k8s-prod is paused" in text


def test_parameters_show_defaults_and_where_they_break_the_schema(client):
    schema = {
        "type": "object",
        "properties": {
            "region": {"type": "string", "description": "Where it is."},
            "days": {"type": "integer"},
        },
        "required": ["region"],
    }
    deployment = make.deployment(
        parameters={"days": "many", "other": 5}, parameter_openapi_schema=schema
    )

    text = text_of(client, f"/deployments/{deployment.pk}/parameters")

    assert "asked for at each run" in text
    assert "Where it is." in text
    assert "&#x27;many&#x27; is not of type &#x27;integer&#x27;" in text
    assert "&quot;other&quot;: 5" in text


def test_the_configuration_is_told(client):
    deployment = make.deployment(
        entrypoint="flows/report.py:report",
        path="/srv",
        job_variables={"env": {"A": "1"}},
        concurrency_limit=make.limit(3),
        concurrency_options={"collision_strategy": "CANCEL_NEW"},
        max_run_seconds=7200,
        retry_on="crashed",
        retry_limit=2,
    )

    text = text_of(client, f"/deployments/{deployment.pk}/configuration")

    for told in (
        "flows/report.py:report",
        "3 runs; above that: cancel_new",
        "2 h",
        "when its process is lost, 2 times",
        "&quot;env&quot;",
    ):
        assert told in text


def test_a_hold_asks_for_a_reason_and_shows_it(client):
    deployment = scheduled(name="prod")
    address = f"/deployments/{deployment.pk}"
    assert "Hold prod?" in text_of(client, f"{address}/hold")

    answer = client.post(f"{address}/hold", {"reason": "the disk is full"}, follow=True)

    text = answer.content.decode()
    assert answer.redirect_chain == [(address, 303)]
    assert 'data-status="held"' in text
    assert "the disk is full" in text
    assert 'data-status="held"' in text_of(client, "/deployments")


def test_a_release_lets_it_work_again(client):
    deployment = scheduled()
    holds.hold(deployment.pk, reason="wait", actor=OWNER, now=now())

    client.post(f"/deployments/{deployment.pk}/release")

    assert not deployment.holds.exists()
    assert client.get(f"/deployments/{deployment.pk}/release").status_code == 405


def test_one_schedule_is_held_and_released(client):
    deployment = scheduled()
    row = deployment.schedules.get()
    address = f"/deployments/{deployment.pk}/schedules"
    client.post(f"{address}/{row.pk}/hold", {"reason": "holidays"})
    held = text_of(client, address)

    client.post(f"{address}/{row.pk}/release")

    assert "holidays" in held
    assert "Makes no runs." in held
    assert "holidays" not in text_of(client, address)
    row.refresh_from_db()
    assert row.active


def test_a_schedule_is_deleted_after_a_question(client):
    deployment = scheduled()
    row = deployment.schedules.get()
    address = f"/deployments/{deployment.pk}/schedules/{row.pk}/delete"
    assert "Delete this schedule?" in text_of(client, address)
    assert deployment.schedules.exists()

    client.post(address)

    assert not deployment.schedules.exists()


def test_a_deployment_is_deleted_after_telling_what_goes_with_it(client):
    deployment = scheduled(name="prod")
    kept = make.flow_run(make.completed(), deployment=deployment)
    address = f"/deployments/{deployment.pk}/delete"
    text = text_of(client, address)
    assert "Its 1 schedule" in text
    assert "1 runs that have begun stay" in text

    answer = client.post(address, follow=True)

    assert "Deployment prod is deleted." in answer.content.decode()
    assert not Deployment.objects.filter(pk=deployment.pk).exists()
    assert FlowRun.objects.filter(pk=kept.pk).exists()


def test_a_page_that_a_deployment_lacks_is_named(client):
    deployment = make.deployment()

    assert client.get(f"/deployments/{deployment.pk}/nonsense").status_code == 404
    missing = client.get(f"/deployments/{deployment.pk}/schedules/{deployment.pk}")
    assert missing.status_code == 404
    assert "has no schedule" in missing.content.decode()
