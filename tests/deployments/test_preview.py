"""Previews of schedules, and calendars in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.actor import OWNER
from core.errors import Conflict, Invalid
from deployments import blackouts, previews, schedules
from deployments.scheduling.preview import Preview
from tests import factories

BERLIN = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}
BEFORE = datetime(2026, 3, 27, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def shown(sent: dict[str, Any], now: datetime = BEFORE, count: int = 4) -> Preview:
    """The preview of a new schedule."""
    deployment = factories.deployment()
    return previews.of_draft(deployment.pk, sent, actor=OWNER, now=now, count=count)


def test_the_next_runs_in_the_schedules_own_zone() -> None:
    found = shown({"schedule": BERLIN})

    assert found.zone == "Europe/Berlin"
    assert [f"{run.local:%d %H:%M}" for run in found.upcoming] == [
        "28 02:30",
        "29 03:00",
        "30 02:30",
        "31 02:30",
    ]
    assert [run.step for run in found.upcoming][1] == timedelta(hours=23, minutes=30)


def test_clock_changes_are_told() -> None:
    notes = [run.note for run in shown({"schedule": BERLIN}).upcoming]

    assert notes == ["", "clocks go forward 1 h at this moment", "", ""]

    at_nine = {"cron": "0 9 * * *", "timezone": "Europe/Berlin"}
    notes = [run.note for run in shown({"schedule": at_nine}).upcoming]
    assert notes[1] == "clocks go forward 1 h before this run: 23 h since the last"


def test_what_a_calendar_leaves_out_is_told() -> None:
    spans = {"closed": [{"start": "2026-03-29", "end": "2026-03-30"}], "weekdays": [3]}
    sent = {"name": "easter", "zone": "Europe/Berlin"} | spans
    blackouts.create(sent, actor=OWNER)

    found = shown({"schedule": BERLIN, "calendars": ["easter"]})

    assert [run.local.day for run in found.upcoming] == [28, 31, 2, 3]
    assert [(gone.local.day, gone.calendar) for gone in found.excluded] == [
        (29, "easter"),
        (30, "easter"),
        (1, "easter"),
    ]
    assert found.upcoming[1].interval_start == found.upcoming[0].instant


def test_a_calendar_that_is_closed_for_good_ends_the_preview() -> None:
    blackouts.create({"name": "never", "weekdays": [1, 2, 3, 4, 5, 6, 7]}, actor=OWNER)

    found = shown({"schedule": {"cron": "* * * * *"}, "calendars": ["never"]})

    assert found.upcoming == []
    assert len(found.excluded) == 100


def test_clashes_with_other_schedules_are_named() -> None:
    deployment = factories.deployment()
    factories.schedule(deployment, {"cron": "0 6 * * *"}, slug="mornings")

    found = previews.of_draft(
        deployment.pk,
        {"schedule": {"cron": "0 */6 * * *"}},
        actor=OWNER,
        now=BEFORE,
        count=4,
    )

    assert [run.clashes for run in found.upcoming] == [(), (), (), ("mornings",)]


def test_a_stored_schedule_as_it_would_be() -> None:
    deployment = factories.deployment()
    row = factories.schedule(deployment, {"cron": "0 6 * * *"})

    now = previews.of_schedule(deployment.pk, row.pk, actor=OWNER, now=BEFORE, count=1)
    then = previews.of_draft(
        deployment.pk,
        {"starts_at": "2026-04-01T00:00:00Z"},
        schedule_id=row.pk,
        actor=OWNER,
        now=BEFORE,
        count=1,
    )

    assert (now.upcoming[0].instant.day, then.upcoming[0].instant.day) == (28, 1)
    row.refresh_from_db()
    assert row.starts_at is None


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"schedule": {"cron": "nonsense"}}, "Invalid cron"),
        ({"schedule": BERLIN, "calendars": ["none"]}, "no calendar named 'none'"),
        ({"schedule": BERLIN, "overlap_policy": "maybe"}, "allow, queue, skip"),
        ({"schedule": BERLIN, "catchup_policy": 1}, "none, latest, all"),
        ({"schedule": BERLIN, "catchup_seconds": -1}, "catchup_seconds is a number"),
        ({"schedule": BERLIN, "overlap_queue": "x"}, "overlap_queue is a number"),
        ({"schedule": BERLIN, "starts_at": "soon"}, "date and time"),
        (
            {"schedule": BERLIN, "starts_at": "2026-02-01", "ends_at": "2026-01-01"},
            "ends after it starts",
        ),
    ],
)
def test_a_draft_that_means_nothing_is_refused(sent: dict[str, Any], text: str) -> None:
    with pytest.raises(Invalid, match=text):
        shown(sent)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": "c", "zone": "Mars"}, "Invalid timezone"),
        ({"name": "c", "weekdays": [0]}, "from 1"),
        ({"name": "c", "closed": [7]}, "date or an object"),
        ({"name": "c", "closed": ["soon"]}, "local time"),
        ({"name": "c", "closed": ["2026-01-01T00:00:00Z"]}, "without an offset"),
        (
            {"name": "c", "closed": [{"start": "2026-01-02", "end": "2026-01-01"}]},
            "ends after",
        ),
    ],
)
def test_a_calendar_that_means_nothing_is_refused(
    sent: dict[str, Any], text: str
) -> None:
    with pytest.raises(Invalid, match=text):
        blackouts.create(sent, actor=OWNER)


def test_a_calendar_in_use_stays() -> None:
    closed = blackouts.create({"name": "used"}, actor=OWNER)
    deployment = factories.deployment(name="nightly")
    row = {"schedule": BERLIN, "calendars": ["used"]}
    (schedule,) = schedules.add(deployment.pk, [row], actor=OWNER, now=BEFORE)

    with pytest.raises(Conflict, match="nightly"):
        blackouts.delete(closed.pk, actor=OWNER)
    with pytest.raises(Conflict, match="already"):
        blackouts.create({"name": "used"}, actor=OWNER)
    schedules.remove(deployment.pk, schedule.pk, actor=OWNER, now=BEFORE)
    blackouts.delete(closed.pk, actor=OWNER)
