"""The dates of a schedule do not depend on when they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from core.clocks import dates, read
from core.clocks.zones import gap_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: a zone and an instant near one of its changes: gaps, overlaps, half hours, whole days
CHANGES = [
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("UTC", datetime(2026, 6, 1, tzinfo=UTC)),
]
SHAPES: list[dict[str, Any]] = [
    {"cron": "30 2 * * *"},
    {"cron": "0 0 * * *"},
    {"cron": "0 * * * *"},
    {"cron": "*/20 1-3 * * *"},
    {"cron": "45 23 * * *"},
    {"rrule": "DTSTART:20110101T023000\nRRULE:FREQ=DAILY"},
    {"rrule": "DTSTART:20110101T000000\nRRULE:FREQ=HOURLY;INTERVAL=3"},
    {"rrule": "DTSTART:20110101T001500\nRRULE:FREQ=MINUTELY;INTERVAL=45"},
    {"rrule": "FREQ=WEEKLY;BYDAY=SU,WE;BYHOUR=2,3;BYMINUTE=15"},
    {"interval": 86400, "anchor_date": "2010-01-01T02:30:00+00:00"},
    {"interval": 3600, "anchor_date": "2010-01-01T00:10:00+00:00"},
    {"interval": 172800, "anchor_date": "2030-01-01T00:30:00+00:00"},
    {"interval": 5400.5, "anchor_date": "2030-01-01T00:00:00+00:00"},
]
HALF_HOURS = st.integers(-150, 150)
JITTER = st.sampled_from(
    [timedelta(0), timedelta(microseconds=-1), timedelta(seconds=1)]
)


@settings(max_examples=400, deadline=None)
@given(
    change=st.sampled_from(CHANGES),
    shape=st.sampled_from(SHAPES),
    steps=st.tuples(HALF_HOURS, HALF_HOURS, HALF_HOURS).map(sorted),
    jitter=JITTER,
)
def test_two_windows_together_hold_the_dates_of_the_whole(
    change: tuple[str, datetime],
    shape: dict[str, Any],
    steps: list[int],
    jitter: timedelta,
) -> None:
    zone, instant = change
    clock = read({**shape, "timezone": zone}, now=NOW)
    a, b, c = (instant + timedelta(minutes=30 * step) for step in steps)
    b = max(a, min(c, b + jitter))

    whole = list(dates(clock, a, c))

    assert sorted({*dates(clock, a, b), *dates(clock, b, c)}) == whole
    assert whole == sorted(set(whole))
    assert all(a <= d <= c for d in whole)


@settings(max_examples=200, deadline=None)
@given(
    change=st.sampled_from([c for c in CHANGES if c[0] not in ("Pacific/Apia", "UTC")]),
    minute=st.integers(0, 1439),
    kind=st.sampled_from(["cron", "rrule", "interval"]),
)
def test_a_daily_job_runs_once_on_each_local_day(
    change: tuple[str, datetime], minute: int, kind: str
) -> None:
    name, instant = change
    zone = ZoneInfo(name)
    hour, rest = divmod(minute, 60)
    schedule: dict[str, Any] = {
        "cron": {"cron": f"{rest} {hour} * * *"},
        "rrule": {"rrule": f"FREQ=DAILY;BYHOUR={hour};BYMINUTE={rest}"},
        "interval": {
            "interval": 86400,
            "anchor_date": datetime(2026, 1, 5, hour, rest, tzinfo=zone).isoformat(),
        },
    }[kind]
    clock = read({**schedule, "timezone": name}, now=NOW)
    noon = instant.astimezone(zone).replace(hour=12, minute=0)
    days = [(noon + timedelta(days=n)).date() for n in range(-3, 4)]

    found = [
        d.astimezone(zone).date()
        for d in dates(clock, instant - timedelta(days=8), instant + timedelta(days=8))
    ]

    assert [found.count(day) for day in days] == [1] * 7


@settings(max_examples=100, deadline=None)
@given(
    change=st.sampled_from(CHANGES),
    minute=st.integers(0, 59),
    kind=st.sampled_from(["cron", "rrule"]),
)
def test_an_hourly_job_on_the_wall_clock_never_runs_twice_within_half_an_hour(
    change: tuple[str, datetime], minute: int, kind: str
) -> None:
    zone, instant = change
    schedule = (
        {"cron": f"{minute} * * * *"}
        if kind == "cron"
        else {"rrule": f"DTSTART:20110101T000000\nRRULE:FREQ=HOURLY;BYMINUTE={minute}"}
    )
    clock = read({**schedule, "timezone": zone}, now=NOW)

    found = list(dates(clock, instant - timedelta(days=2), instant + timedelta(days=2)))

    pauses = [after - before for before, after in pairwise(found)]
    assert min(pauses) >= timedelta(minutes=30)


def test_a_gap_knows_its_ends() -> None:
    gap = gap_at(datetime(2026, 10, 4, 2, 10), ZoneInfo("Australia/Lord_Howe"))  # noqa: DTZ001

    assert (gap.begin.minute, gap.end.minute) == (0, 30)
    assert gap.instant == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)
