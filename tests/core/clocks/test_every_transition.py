"""All zones, their clock changes, all shapes: unions, daily jobs, hourly jobs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from core.clocks import Clock, dates, read

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FROM, TO = datetime(2015, 1, 1, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC)
START = "DTSTART:20110101T000000\nRRULE:"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHAPES: list[dict[str, Any]] = [
    {"cron": "30 2 * * *"},
    {"cron": "0 0 * * *"},
    {"cron": "0 * * * *"},
    {"cron": "*/20 0-3 * * *"},
    {"rrule": "DTSTART:20110101T023000\nRRULE:FREQ=DAILY"},
    {"rrule": "DTSTART:20110101T000000\nRRULE:FREQ=HOURLY;BYMINUTE=15"},
    {"interval": 86400, "anchor_date": "2010-01-01T02:30:00+00:00"},
    {"interval": 5400.5, "anchor_date": "2030-01-01T00:00:00+00:00"},
]


@cache
def transitions(zone: str) -> list[datetime]:
    """When the offset of a zone changes, to the minute."""
    place, found = ZoneInfo(zone), []
    for low, high in pairwise(_weeks()):
        if _offset(low, place) == _offset(high, place):
            continue
        while high - low > timedelta(minutes=1):
            middle = low + (high - low) / 2
            if _offset(middle, place) == _offset(low, place):
                low = middle
            else:
                high = middle
        found.append(high.replace(second=0, microsecond=0))
    return found


@cache
def _weeks() -> list[datetime]:
    return [FROM + timedelta(days=n) for n in range(0, (TO - FROM).days, 7)]


def _offset(at: datetime, place: ZoneInfo) -> timedelta | None:
    return at.astimezone(place).utcoffset()


def changes(long: bool) -> Iterator[tuple[str, datetime]]:
    """Zones with the moments of their changes; in short a few of each."""
    chance = random.Random(2015)
    zones = sorted(zone for zone in available_timezones() if "/" in zone)
    for zone in zones if long else chance.sample(zones, 12):
        found = transitions(zone)
        if not long:
            found = chance.sample(found, min(2, len(found)))
        for moment in found:
            yield zone, moment


def clock(zone: str, shape: dict[str, Any]) -> Clock:
    """A shape in a zone."""
    return read({**shape, "timezone": zone}, now=NOW)


def test_windows_around_every_change_join_without_a_seam(long: bool) -> None:
    chance = random.Random(2037)
    seen = 0
    for zone, moment in changes(long):
        for shape in SHAPES if not long else chance.sample(SHAPES, 2):
            each = clock(zone, shape)
            a, c = moment - 30 * HOUR, moment + 30 * HOUR
            seam = moment + chance.choice(range(-180, 181)) * timedelta(minutes=1)
            whole = list(dates(each, a, c))
            parts = {*dates(each, a, seam), *dates(each, seam, c)}
            assert sorted(parts) == whole, (zone, moment, shape)
            assert all(x < y for x, y in pairwise(whole)), (zone, moment, shape)
            seen += 1
    assert seen > (10_000 if long else 50)


def test_a_daily_job_runs_once_on_each_day_that_there_is(long: bool) -> None:
    chance = random.Random(24)
    for zone, moment in changes(long):
        place = ZoneInfo(zone)
        hour, minute = chance.choice([0, 1, 2, 3, 23]), chance.choice([0, 15, 30, 59])
        kind = chance.choice(["cron", "rrule", "interval"])
        anchor = datetime(2014, 7, 9, hour, minute, tzinfo=place)
        each = clock(
            zone,
            {
                "cron": {"cron": f"{minute} {hour} * * *"},
                "rrule": {
                    "rrule": f"{START}FREQ=DAILY;BYHOUR={hour};BYMINUTE={minute}"
                },
                "interval": {"interval": 86400, "anchor_date": anchor.isoformat()},
            }[kind],
        )
        found = dates(each, moment - 4 * DAY, moment + 4 * DAY)
        per_day = Counter(_day(at, place, (hour, minute)) for at in found)
        noons = [moment + n * DAY for n in (-2, -1, 0, 1, 2)]
        days = {at.astimezone(place).date() for at in noons}
        real = {day for day in days if _exists(day, place)}
        assert {day: per_day[day] for day in real} == dict.fromkeys(real, 1), (
            zone,
            moment,
            kind,
            hour,
            minute,
        )


def _day(at: datetime, place: ZoneInfo, wanted: tuple[int, int]) -> Any:
    """The day a run is for; what a gap moves past midnight is that day's still."""
    local = at.astimezone(place)
    if (local.hour, local.minute) == wanted:
        return local.date()
    before = _offset(at - timedelta(seconds=1), place) or timedelta(0)
    return (at + before).date()


def _exists(day: Any, place: ZoneInfo) -> bool:
    """Some zones left a whole day out, to move across the date line."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=place)
    return noon.astimezone(UTC).astimezone(place).date() == day


def test_an_hourly_job_on_the_wall_is_never_doubled(long: bool) -> None:
    chance = random.Random(60)
    for zone, moment in changes(long):
        minute = chance.choice([0, 7, 29, 30, 45, 59])
        shape = chance.choice(
            [
                {"cron": f"{minute} * * * *"},
                {"rrule": f"{START}FREQ=HOURLY;BYMINUTE={minute}"},
            ]
        )
        found = list(dates(clock(zone, shape), moment - DAY, moment + DAY))
        shortest = min(later - earlier for earlier, later in pairwise(found))
        assert shortest >= HOUR / 2, (zone, moment, shape)
        walls = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in found]
        assert len(set(walls)) == len(walls), (zone, moment, shape)
