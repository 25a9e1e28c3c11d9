"""Every so often, counted from an anchor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from core.clocks.zones import instants, zone, zone_name
from core.errors import Invalid

_DAY = timedelta(days=1)
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Interval:
    """Whole days keep the anchor's wall clock; all else is absolute time."""

    interval: timedelta
    anchor: datetime
    timezone: str

    @classmethod
    def read(cls, value: Mapping[str, Any], now: datetime) -> Self:
        """From the wire form; the anchor defaults to `now`, the zone to UTC."""
        anchor = _moment(value.get("anchor_date"), default=now)
        name = zone_name(value.get("timezone"), default="UTC")
        return cls(_length(value["interval"]), anchor, name)

    def as_json(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "interval": self.interval.total_seconds(),
            "anchor_date": self.anchor.isoformat(),
            "timezone": self.timezone,
        }

    def instants(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Rising, from `start` or a little before."""
        if self.interval % _DAY == _NONE:
            yield from instants(self, zone(self.timezone), start, end)
        else:
            yield from _steps(self.anchor.astimezone(UTC), self.interval, start)

    def walls(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Local times, for intervals of whole days."""
        local = self.anchor.astimezone(zone(self.timezone))
        anchor = local.replace(tzinfo=None, fold=0)
        for wall in _steps(anchor, self.interval, start):
            if wall > end:
                return
            yield wall


def _steps(anchor: datetime, step: timedelta, start: datetime) -> Iterator[datetime]:
    """anchor + k * step, from the first that is not before `start`."""
    count = -((anchor - start) // step)
    try:
        while True:
            yield anchor + count * step
            count += 1
    except OverflowError:  # the end of the calendar
        return


def _length(value: Any) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(f"An interval is a number of seconds, found {value!r:.100}.")
    try:
        length = timedelta(seconds=value) if math.isfinite(value) else _NONE
    except OverflowError:
        raise Invalid(f"An interval of {value} seconds is too long.") from None
    if length <= _NONE:
        raise Invalid(f"An interval must be greater than 0 seconds, found {value}.")
    return length


def _moment(value: Any, *, default: datetime) -> datetime:
    if value is None:
        return default
    try:
        moment = datetime.fromisoformat(value)
        moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Invalid(
            f"An anchor_date is a date and time in ISO 8601, found {value!r:.100}."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
