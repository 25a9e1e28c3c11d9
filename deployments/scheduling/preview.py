"""The next runs of a schedule, stored or a draft: pure, for pages and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import islice

from core import clocks
from core.clocks.zones import zone
from deployments.scheduling.instants import Instants

MOST = 100  # runs shown
AHEAD = timedelta(days=366 * 5)  # how far to look for them
EXCLUDED = 100  # instants of closed calendars that are shown
NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One run to come."""

    instant: datetime
    local: datetime  # in the schedule's own zone
    interval_start: datetime | None
    step: timedelta | None  # since the one before
    note: str = ""  # on clock changes
    clashes: tuple[str, ...] = ()  # names of other schedules that fire then, too


@dataclass(frozen=True, slots=True)
class Excluded:
    """An instant at which nothing runs, because a calendar is closed."""

    instant: datetime
    local: datetime
    calendar: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What is to come."""

    zone: str
    upcoming: list[Upcoming] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)


def preview(
    instants: Instants,
    *,
    now: datetime,
    count: int = 10,
    others: Sequence[tuple[str, Instants]] = (),
) -> Preview:
    """The next runs from `now` on; `others` are the deployment's other schedules."""
    name = zone_of(instants.clock)
    place = zone(name)
    dates = list(islice(instants.between(now, now + AHEAD), max(0, min(count, MOST))))
    upcoming = [
        Upcoming(
            date,
            date.astimezone(place),
            before,
            None if before is None else date - before,
            _note(before, date, place),
            _clashes(date, others),
        )
        for before, date in instants.tiles(dates)
    ]
    end = dates[-1] if dates else now + timedelta(days=366)
    return Preview(name, upcoming, list(_excluded(instants, now, end, place)))


def zone_of(clock: clocks.Clock) -> str:
    """The zone in which the schedule is read."""
    return clock.timezone or "UTC"


def _note(before: datetime | None, date: datetime, place: tzinfo) -> str:
    """What a clock change does to this run."""
    here = date.astimezone(place).utcoffset() or NONE
    just_before = (date - clocks.TICK).astimezone(place).utcoffset() or NONE
    if here > just_before:
        return f"clocks go forward {_length(here - just_before)} at this moment"
    if before is None:
        return ""
    there = before.astimezone(place).utcoffset() or NONE
    if here == there:
        return ""
    way = "forward" if here > there else "back"
    return (
        f"clocks go {way} {_length(abs(here - there))} before this run: "
        f"{_length(date - before)} since the last"
    )


def _clashes(date: datetime, others: Sequence[tuple[str, Instants]]) -> tuple[str, ...]:
    return tuple(name for name, each in others if next(each.between(date, date), None))


def _excluded(
    instants: Instants, start: datetime, end: datetime, place: tzinfo
) -> list[Excluded]:
    """What the calendars leave out on the way."""
    if not instants.calendars:
        return []
    free = Instants(instants.clock, instants.starts_at, instants.ends_at)
    found = []
    for date in islice(free.between(start, end), 100 * EXCLUDED):
        calendar = instants.closing(date)
        if calendar is not None:
            found.append(Excluded(date, date.astimezone(place), calendar.name))
        if len(found) == EXCLUDED:
            break
    return found


def _length(span: timedelta) -> str:
    """Hours and minutes, or days."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
