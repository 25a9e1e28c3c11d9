"""The schedule editor: three shapes, a preview, and what is stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import time_machine

from core.actor import OWNER
from core.clock import now
from deployments import schedules
from deployments.models import Calendar
from tests import factories as make

pytestmark = pytest.mark.django_db

BASE = {
    "timezone": "Europe/Paris",
    "catchup_policy": "none",
    "overlap_policy": "allow",
    "active": "on",
}
CRON = BASE | {"kind": "cron", "cron": "30 2 * * *", "day_or": "on"}
HOURLY = {"interval": 3600, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "UTC"}
BEFORE_SPRING = datetime(2027, 3, 26, 12, tzinfo=UTC)


def store(client, deployment, **texts):
    return client.post(f"/deployments/{deployment.pk}/schedules/new", texts)


def dates(page) -> list[str]:
    """The instants of the preview."""
    return re.findall(r'<td class="name"[^>]*>([^<]+)', page.content.decode())


@pytest.mark.parametrize(
    ("texts", "shape"),
    [
        (CRON, {"cron": "30 2 * * *", "timezone": "Europe/Paris", "day_or": True}),
        (
            BASE
            | {
                "kind": "interval",
                "every": "2",
                "unit": "3600",
                "anchor": "2026-07-01T06:00:00",
            },
            {
                "interval": 7200.0,
                "anchor_date": "2026-07-01T06:00:00+02:00",
                "timezone": "Europe/Paris",
            },
        ),
        (
            BASE | {"kind": "rrule", "rrule": "FREQ=WEEKLY;BYDAY=MO"},
            {"rrule": "FREQ=WEEKLY;BYDAY=MO", "timezone": "Europe/Paris"},
        ),
    ],
)
def test_a_schedule_of_each_kind_is_stored(client, texts, shape):
    deployment = make.deployment()

    answer = store(client, deployment, **texts)

    row = deployment.schedules.get()
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/deployments/{deployment.pk}/schedules"
    assert row.schedule == shape
    assert row.active


def test_bounds_policies_calendars_and_parameters_are_stored(client):
    Calendar.objects.create(name="holidays", workspace_id=OWNER.workspace_id)
    deployment = make.deployment(
        parameter_openapi_schema={
            "type": "object",
            "properties": {"region": {"type": "string"}},
        }
    )

    store(
        client,
        deployment,
        **CRON
        | {
            "slug": "nightly",
            "starts_at": "2027-01-01T00:00:00",
            "ends_at": "2028-01-01T00:00:00",
            "catchup_policy": "latest",
            "overlap_policy": "queue",
            "max_active_runs": "2",
            "overlap_queue": "5",
            "calendars": "holidays",
            "parameters/region:mode": "value",
            "parameters/region": "eu",
        },
    )

    row = deployment.schedules.get()
    assert (row.slug, row.catchup_policy, row.overlap_policy) == (
        "nightly",
        "latest",
        "queue",
    )
    assert (row.max_active_runs, row.overlap_queue) == (2, 5)
    assert row.starts_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert row.ends_at == datetime(2028, 1, 1, tzinfo=UTC)
    assert row.calendars == ["holidays"]
    assert row.parameters == {"region": "eu"}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"cron": "99 * * * *"}, "Invalid cron"),
        ({"cron": ""}, "Invalid cron"),
        ({"timezone": "Mars/Base"}, "Mars/Base"),
        ({"kind": "interval", "every": "0", "unit": "60"}, "greater than 0"),
        ({"kind": "rrule", "rrule": "FREQ=SOMETIMES"}, "Invalid rrule"),
        (
            {"starts_at": "2028-01-01T00:00", "ends_at": "2027-01-01T00:00"},
            "It ends before it starts",
        ),
        ({"max_active_runs": "0"}, "greater than or equal to 1"),
        ({"parameters": "[1]"}, "A JSON object is wanted"),
    ],
)
def test_what_means_nothing_is_not_stored(client, texts, said):
    deployment = make.deployment()

    answer = store(client, deployment, **CRON | texts)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was stored." in text
    assert said in text
    assert not deployment.schedules.exists()


@time_machine.travel(BEFORE_SPRING, tick=False)
def test_the_preview_tells_the_next_dates_and_what_the_clocks_do(client):
    deployment = make.deployment()

    page = store(client, deployment, **CRON | {"preview": "1"})

    found = dates(page)
    text = page.content.decode()
    assert page.status_code == 200
    assert len(found) == 10
    assert found[0] == "Sat 2027-03-27 02:30:00"
    assert "clocks go forward 1 h" in text
    assert "daily at 02:30 Europe/Paris" in text
    assert not deployment.schedules.exists()


def test_the_preview_answers_alone_when_it_alone_is_asked_for(client):
    deployment = make.deployment()
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}

    answer = client.post(
        f"/deployments/{deployment.pk}/schedules/new",
        CRON | {"cron": "* * * *", "preview": "1"},
        headers=headers,
    )

    text = answer.content.decode()
    assert re.findall(r'hx-target="#([^"]+)"', text) == [
        "schedule-preview",
        "alarm",
    ]
    assert "Invalid cron" in text


@time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC), tick=False)
def test_the_preview_keeps_to_bounds_and_calendars(client):
    Calendar.objects.create(
        name="holidays",
        workspace_id=OWNER.workspace_id,
        closed=[{"start": "2026-12-03", "end": "2026-12-04"}],
    )
    deployment = make.deployment()

    page = store(
        client,
        deployment,
        **CRON
        | {
            "timezone": "UTC",
            "calendars": "holidays",
            "ends_at": "2026-12-08T00:00",
            "preview": "1",
        },
    )

    days = [text[4:14] for text in dates(page)]
    assert "2026-12-02" in days
    assert "2026-12-03" not in days
    assert days[-1] == "2026-12-07"


def test_an_edit_changes_what_was_changed_and_keeps_the_anchor(client):
    deployment = make.deployment()
    anchor = "2026-01-01T00:00:00.123456+00:00"
    (row,) = schedules.add(
        deployment.pk,
        [{"schedule": HOURLY | {"anchor_date": anchor}, "max_active_runs": 3}],
        actor=OWNER,
        now=now(),
    )
    address = f"/deployments/{deployment.pk}/schedules/{row.pk}"
    shown = client.get(address).content.decode()
    assert 'value="2026-01-01T00:00:00"' in shown
    assert 'name="max_active_runs" value="3"' in shown

    answer = client.post(
        address,
        BASE
        | {
            "kind": "interval",
            "every": "2",
            "unit": "3600",
            "anchor": "2026-01-01T00:00:00",
            "timezone": "UTC",
            "max_active_runs": "",
        },
    )

    row.refresh_from_db()
    assert answer.status_code == 303
    assert row.schedule["interval"] == 7200
    assert row.schedule["anchor_date"] == anchor
    assert row.max_active_runs is None


def test_what_was_changed_here_is_marked_and_given_back(client):
    deployment = make.deployment()
    (row,) = schedules.add(
        deployment.pk, [{"schedule": HOURLY}], actor=OWNER, now=now()
    )
    tab = f"/deployments/{deployment.pk}/schedules"
    client.post(f"{tab}/{row.pk}", CRON)
    assert "Changed here: dates" in client.get(tab).content.decode()

    client.post(f"{tab}/{row.pk}/revert")

    row.refresh_from_db()
    assert row.schedule["interval"] == 3600
    assert "Changed here" not in client.get(tab).content.decode()
