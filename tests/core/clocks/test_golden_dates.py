"""Dates that every client of this API knows, and the three where we know better."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from core.clocks import dates, read

NEW_YORK = "America/New_York"
DAILY = {
    "interval": 86400,
    "anchor_date": "2026-01-01T09:00:00-05:00",
    "timezone": NEW_YORK,
}
HALF_DAILY = {**DAILY, "interval": 43200}
HOURLY = {**DAILY, "interval": 3600, "anchor_date": "2026-01-01T00:00:00-05:00"}
AT_NINE = {"cron": "0 9 * * *", "timezone": NEW_YORK}
TWICE_A_NIGHT = {"cron": "30 1,2 * * *", "timezone": NEW_YORK}
HOURLY_CRON = {"cron": "0 * * * *", "timezone": NEW_YORK}
HOURLY_RRULE = {
    "rrule": "DTSTART:20260101T000000\nRRULE:FREQ=HOURLY",
    "timezone": NEW_YORK,
}
NINE_BY_RRULE = {
    "rrule": "DTSTART:20260101T090000\nRRULE:FREQ=DAILY",
    "timezone": NEW_YORK,
}
IN_THE_GAP = {"cron": "30 2 * * *", "timezone": NEW_YORK}
THIRD_OR_MONDAY = {"cron": "0 0 3 * 1"}
THIRD_AND_MONDAY = {**THIRD_OR_MONDAY, "day_or": False}

GOLDEN = [
    (DAILY, "2026-03-07T04:00", "03-07T14:00 03-08T13:00 03-09T13:00"),
    (DAILY, "2026-10-31T04:00", "10-31T13:00 11-01T14:00 11-02T14:00"),
    (
        HALF_DAILY,
        "2026-03-07T04:00",
        "03-07T14:00 03-08T02:00 03-08T14:00 03-09T02:00",
    ),
    (
        HALF_DAILY,
        "2026-10-31T04:00",
        "10-31T14:00 11-01T02:00 11-01T14:00 11-02T02:00",
    ),
    (AT_NINE, "2026-03-07T04:00", "03-07T14:00 03-08T13:00 03-09T13:00"),
    (AT_NINE, "2026-10-31T04:00", "10-31T13:00 11-01T14:00 11-02T14:00"),
    (
        TWICE_A_NIGHT,
        "2026-03-07T04:00",
        "03-07T06:30 03-07T07:30 03-08T06:30 03-09T05:30 03-09T06:30",
    ),
    (
        TWICE_A_NIGHT,
        "2026-10-31T04:00",
        "10-31T05:30 10-31T06:30 11-01T05:30 11-01T07:30 11-02T06:30",
    ),
    (IN_THE_GAP, "2026-03-08T05:00", "03-08T07:00 03-09T06:30"),
    (NINE_BY_RRULE, "2026-03-07T04:00", "03-07T14:00 03-08T13:00 03-09T13:00"),
    (NINE_BY_RRULE, "2026-10-31T04:00", "10-31T13:00 11-01T14:00 11-02T14:00"),
    *(
        (
            schedule,
            "2026-03-08T05:00",
            "03-08T05:00 03-08T06:00 03-08T07:00 03-08T08:00 03-08T09:00",
        )
        for schedule in (HOURLY, HOURLY_CRON, HOURLY_RRULE)
    ),
    *(
        (
            schedule,
            "2026-11-01T04:00",
            "11-01T04:00 11-01T05:00 11-01T07:00 11-01T08:00 11-01T09:00",
        )
        for schedule in (HOURLY_CRON, HOURLY_RRULE)
    ),
    (
        HOURLY,
        "2026-11-01T04:00",
        "11-01T04:00 11-01T05:00 11-01T06:00 11-01T07:00 11-01T08:00",
    ),
    (
        THIRD_OR_MONDAY,
        "2026-01-01T00:00",
        "01-03T00:00 01-05T00:00 01-12T00:00 01-19T00:00",
    ),
    (
        {**THIRD_OR_MONDAY, "day_or": False},
        "2026-01-01T00:00",
        "08-03T00:00 05-03T00:00",
    ),
]


@pytest.mark.parametrize(("schedule", "start", "expected"), GOLDEN)
def test_a_schedule_fires_on_the_known_dates(
    schedule: dict[str, Any], start: str, expected: str
) -> None:
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    clock = read(schedule, now=begin)

    found = dates(clock, begin, datetime(2030, 1, 1, tzinfo=UTC))

    wanted = expected.split()
    assert [f"{d:%m-%dT%H:%M}" for d in islice(found, len(wanted))] == wanted


def test_a_time_of_a_skipped_day_fires_neither_twice_nor_never() -> None:
    """Samoa had no 30 December 2011: a daily job just has no such day."""
    clock = read(
        {"cron": "0 9 * * *", "timezone": "Pacific/Apia"},
        now=datetime(2011, 12, 1, tzinfo=UTC),
    )

    found = dates(
        clock, datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC)
    )

    assert [f"{d:%m-%dT%H:%M}" for d in found] == [
        "12-28T19:00",
        "12-29T19:00",
        "12-30T19:00",
        "12-31T19:00",
    ]
