"""A schedule that means nothing is refused with a text that helps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.clocks import Cron, Interval, RRule, dates, read, stored
from core.errors import Invalid

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

REFUSED: list[tuple[Any, str]] = [
    (None, "is an object, found NoneType"),
    ({}, "found none of them"),
    ({"cron": "0 0 * * *", "interval": 60}, "found interval and cron"),
    ({"interval": 0}, "greater than 0"),
    ({"interval": -1}, "greater than 0"),
    ({"interval": 1e300}, "too long"),
    ({"interval": float("inf")}, "greater than 0"),
    ({"interval": "soon"}, "number of seconds"),
    ({"interval": True}, "number of seconds"),
    ({"interval": 60, "anchor_date": "yesterday"}, "ISO 8601"),
    ({"interval": 60, "anchor_date": 5}, "ISO 8601"),
    ({"interval": 60, "anchor_date": "9999-12-31T23:59:59-12:00"}, "ISO 8601"),
    (
        {"interval": 60, "timezone": "Nowhere"},
        'Invalid timezone: "Nowhere" (specify in',
    ),
    ({"cron": "0 0 * * *", "timezone": "../../etc/passwd"}, "Invalid timezone"),
    ({"cron": "0 0 * * *", "timezone": ""}, "Invalid timezone"),
    ({"cron": "0 0 * * *", "timezone": 5}, "timezone is a name"),
    ({"cron": "0 0 * * *", "day_or": "x"}, "true or false"),
    ({"cron": 5}, "is text"),
    ({"cron": "every day"}, 'Invalid cron: "every day"'),
    ({"cron": "\x00"}, "Invalid cron"),
    ({"cron": "R * * * *"}, "random (R)"),
    ({"cron": "H H * * *"}, "hashed (H)"),
    ({"cron": "0 0 15W * *"}, "Invalid cron"),
    ({"rrule": 5}, "is text"),
    ({"rrule": ""}, "Invalid rrule"),
    ({"rrule": "FREQ=NEVER"}, "Invalid rrule"),
    ({"rrule": "EXDATE:20260101T000000"}, "neither a rule nor a date"),
    ({"rrule": "FREQ=DAILY;INTERVAL=0"}, "INTERVAL is at least 1"),
    ({"rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "no such day"),
    ({"rrule": "FREQ=DAILY;BYSETPOS=3"}, "BYSETPOS"),
    ({"rrule": "FREQ=SECONDLY;BYMINUTE=61"}, "empty rule"),
    ({"rrule": "FREQ=HOURLY;INTERVAL=2;BYHOUR=3"}, "empty set"),
    ({"rrule": "FREQ=DAILY;BYDAY=MO;COUNT=1000000"}, "COUNT"),
    ({"rrule": "FREQ=DAILY;" + "X" * 6500}, "at most 6500 characters"),
]


@pytest.mark.parametrize(("schedule", "text"), REFUSED)
def test_a_schedule_without_meaning_is_refused(schedule: Any, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(schedule, now=NOW)

    assert text in str(refused.value)


@pytest.mark.parametrize(
    "cron",
    [
        "@daily",
        "@hourly",
        "*/5 * * * *",
        "0 0 * * thu",
        "0 0 l * *",
        "0 0 * MAR *",
        "* * * * * 30",
    ],
)
def test_usual_cron_lines_are_read(cron: str) -> None:
    assert read({"cron": cron}, now=NOW) == Cron(cron, None, True)


def test_an_interval_without_anchor_begins_now() -> None:
    clock = read({"interval": 90.5, "anchor_date": None, "timezone": None}, now=NOW)

    assert isinstance(clock, Interval)
    assert clock.as_json() == {
        "interval": 90.5,
        "anchor_date": "2026-11-21T12:00:00+00:00",
        "timezone": "UTC",
    }


def test_unknown_keys_of_a_newer_client_are_ignored() -> None:
    assert read({"rrule": "FREQ=DAILY", "mood": "good"}, now=NOW) == RRule(
        "FREQ=DAILY", "UTC"
    )


@pytest.mark.parametrize(
    "schedule",
    [
        {"interval": 60, "anchor_date": "2026-01-01T00:00:00+00:00", "timezone": "UTC"},
        {"cron": "0 9 * * *", "timezone": None, "day_or": True},
        {"rrule": "FREQ=DAILY", "timezone": "UTC"},
    ],
)
def test_a_stored_schedule_comes_back_as_it_was_read(schedule: dict[str, Any]) -> None:
    clock = read(schedule, now=NOW)

    assert clock.as_json() == schedule
    assert stored(clock.as_json()) == clock


def test_a_rule_of_counted_seconds_is_not_replayed_from_its_beginning() -> None:
    clock = read({"rrule": "FREQ=SECONDLY;COUNT=1000000000"}, now=NOW)

    found = list(dates(clock, NOW, NOW.replace(second=3)))

    assert [d.second for d in found] == [0, 1, 2, 3]


def test_a_rule_ends_with_its_count_its_until_and_its_exceptions() -> None:
    text = (
        "DTSTART:20261121T000000\nRRULE:FREQ=DAILY;COUNT=4\n"
        "RRULE:FREQ=DAILY;BYHOUR=12;UNTIL=20261122T235959Z\n"
        "RDATE:20261230T000000\nEXDATE:20261122T000000\n"
        "EXRULE:FREQ=DAILY;BYHOUR=12;BYMONTHDAY=21"
    )
    clock = read({"rrule": text}, now=NOW)

    found = dates(
        clock, datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
    )

    assert [f"{d:%m-%d %H}" for d in found] == [
        "11-21 00",
        "11-22 12",
        "11-23 00",
        "11-24 00",
        "12-30 00",
    ]
