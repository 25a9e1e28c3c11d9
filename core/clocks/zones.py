"""Wall-clock time and instants: what happens in gaps and overlaps of a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from core.errors import Invalid

_NONE = timedelta(0)
_TICK = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


class Walls(Protocol):
    """A schedule on the clock on the wall."""

    def walls(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Local times without a zone from `start` to `end`, ends included, rising."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """Local times that the zone skips: `begin` up to, not including, `end`."""

    begin: datetime
    end: datetime
    instant: datetime  # the first one after the gap

    @property
    def length(self) -> timedelta:
        return self.end - self.begin


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The time zone of that name.

    Raises:
        Invalid: there is none.
    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise Invalid(
            f'Invalid timezone: "{name}" (specify in IANA tzdata format, for example, '
            "America/New_York)"
        ) from None


def zone_name(value: Any, *, default: str) -> str:
    """The name in a schedule's `timezone`, or the default when it has none."""
    if value is None:
        return default
    if not isinstance(value, str):
        raise Invalid(f"A timezone is a name, found {type(value).__name__}.")
    zone(value)
    return value


def instants(
    schedule: Walls, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[datetime]:
    """The instants of a wall-clock schedule around `start` to `end`, rising.

    A time in a gap fires once, at the first instant after it, unless the schedule
    fires anyway within one gap's length of it; in an overlap it fires at the first of
    the two. The caller drops what lies outside and what repeats.
    """
    walls = schedule.walls(_first_wall(start, zone), _last_wall(end, zone))
    if zone.key == "UTC":
        yield from (wall.replace(tzinfo=UTC) for wall in walls)
        return
    for wall in walls:
        local = wall.replace(tzinfo=zone, fold=0)
        before, after = _offsets(local)
        if before < after:
            gap = gap_at(wall, zone)
            if not _fires_near(schedule, gap):
                yield gap.instant
        else:
            yield (wall - before).replace(tzinfo=UTC)


def gap_at(wall: datetime, zone: ZoneInfo) -> Gap:
    """The gap that a skipped local time lies in."""
    before, after = _offsets(wall.replace(tzinfo=zone))
    low, high = wall - after, wall - before  # the change is behind low, at most high
    low = low.replace(microsecond=0)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        if _offset_at(middle, zone) == before:
            low = middle
        else:
            high = middle
    change = high.replace(microsecond=0)
    return Gap(change + before, change + after, change.replace(tzinfo=UTC))


def _fires_near(schedule: Walls, gap: Gap) -> bool:
    """Whether it fires within one gap's length before or after the gap."""
    earlier = schedule.walls(gap.begin - gap.length, gap.begin - _TICK)
    if next(earlier, None) is not None:
        return True
    return next(schedule.walls(gap.end, gap.end + gap.length), None) is not None


def _first_wall(start: datetime, zone: ZoneInfo) -> datetime:
    """The earliest local time that can fire at `start` or later."""
    local = start.astimezone(zone)
    here = local.utcoffset() or _NONE
    try:
        earlier = (start - _TICK).astimezone(zone).utcoffset() or _NONE
    except OverflowError:
        earlier = here
    # `start` ends a gap: the times within fire now
    skipped = max(_NONE, here - earlier)
    return local.replace(tzinfo=None, fold=0) - skipped


def _last_wall(end: datetime, zone: ZoneInfo) -> datetime:
    """The latest local time that can fire at `end` or earlier."""
    local = end.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    if not local.fold:
        return wall
    # second pass of an overlap: all of the first pass has fired
    before, after = _offsets(local)
    return wall + (before - after)


def _offsets(local: datetime) -> tuple[timedelta, timedelta]:
    """The offsets before and after a change, the same where there is none."""
    first = local.replace(fold=0).utcoffset() or _NONE
    second = local.replace(fold=1).utcoffset() or _NONE
    return first, second


def _offset_at(moment: datetime, zone: ZoneInfo) -> timedelta:
    """The offset at an instant that is given in UTC, without a zone."""
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or _NONE
