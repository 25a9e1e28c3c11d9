"""Cron expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain, repeat
from typing import Any, Self

from croniter import CroniterBadDateError, croniter

from core.clocks.zones import instants, zone, zone_name
from core.errors import Invalid

_SECOND = timedelta(seconds=1)
_NEAREST = re.compile(r"\d[Ww]|[Ww]\d")
_SIZES = (2, 8, 64)  # times worked out at once: first few, then more
_RANDOM = re.compile(r"(?<![A-Za-z])[RrHh](?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Cron:
    """Fields of a cron line, read on the wall clock of a zone."""

    cron: str
    timezone: str | None
    day_or: bool

    @classmethod
    def read(cls, value: Mapping[str, Any], now: datetime) -> Self:
        """From the wire form; without a zone it is UTC."""
        text = value["cron"]
        if not isinstance(text, str):
            raise Invalid(f"A cron schedule is text, found {type(text).__name__}.")
        if _RANDOM.search(text):
            raise Invalid(
                f'Invalid cron: "{text:.200}": random (R) and hashed (H) fields are '
                "not supported, write the minute or hour that is meant."
            )
        if _NEAREST.search(text) or not _is_valid(text):
            raise Invalid(
                f'Invalid cron: "{text:.200}". Wanted five to seven fields such as '
                '"0 9 * * 1-5" or an alias such as @daily.'
            )
        day_or = value.get("day_or")
        if not isinstance(day_or, bool | None):
            raise Invalid(f"day_or is true or false, found {day_or!r:.100}.")
        name = value.get("timezone")
        if name is not None:
            name = zone_name(name, default="UTC")
        return cls(text, name, day_or is not False)

    def as_json(self) -> dict[str, Any]:
        """The wire form."""
        return {"cron": self.cron, "timezone": self.timezone, "day_or": self.day_or}

    def instants(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Rising, from `start` or a little before."""
        return instants(self, zone(self.timezone or "UTC"), start, end)

    def walls(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Local times of the expression."""
        begin = start.replace(second=0, microsecond=0) - _SECOND
        for size in chain(_SIZES, repeat(_SIZES[-1])):
            some = _next(self.cron, self.day_or, begin, size)
            for wall in some:
                if wall > end:
                    return
                if wall >= start:
                    yield wall
            if len(some) < size:
                return  # no further date in sight
            begin = some[-1]


@lru_cache(maxsize=1024)
def _next(text: str, day_or: bool, begin: datetime, size: int) -> tuple[datetime, ...]:
    """The next local times after one, so many at most.

    Remembered, because many schedules have the same line and ask in the same minute.
    """
    lines = croniter(text, begin, day_or=day_or, ret_type=datetime)
    found: list[datetime] = []
    try:
        while len(found) < size:
            found.append(lines.get_next())
    except (CroniterBadDateError, OverflowError, ValueError):
        pass
    return tuple(found)


def _is_valid(text: str) -> bool:
    try:
        return bool(croniter.is_valid(text))
    except (OverflowError, RecursionError, AttributeError):
        return False
