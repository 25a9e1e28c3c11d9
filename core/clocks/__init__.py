"""When a schedule fires: pure functions of the schedule, never of when one asks.

For all instants a ≤ b ≤ c, dates(a, b) and dates(b, c) together are dates(a, c).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from core.clocks.calendars import Calendar
from core.clocks.cron import Cron
from core.clocks.interval import Interval
from core.clocks.rrule import RRule
from core.errors import Invalid

Clock = Interval | Cron | RRule

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # anchors of stored intervals are explicit
TICK = timedelta(microseconds=1)
SHAPES: dict[str, type[Interval] | type[Cron] | type[RRule]] = {
    "interval": Interval,
    "cron": Cron,
    "rrule": RRule,
}

__all__ = [
    "TICK",
    "Calendar",
    "Clock",
    "Cron",
    "Interval",
    "RRule",
    "dates",
    "read",
    "stored",
]


def read(value: Any, *, now: datetime) -> Clock:
    """The schedule in its wire form; `now` anchors an interval that says no anchor.

    Raises:
        Invalid: it has none of the three shapes, or a field has no meaning.
    """
    if not isinstance(value, Mapping):
        raise Invalid(f"A schedule is an object, found {type(value).__name__}.")
    shapes = [key for key in SHAPES if value.get(key) is not None]
    if len(shapes) != 1:
        found = " and ".join(shapes) or "none of them"
        raise Invalid(
            f"A schedule has exactly one of interval, cron and rrule; found {found}."
        )
    return SHAPES[shapes[0]].read(value, now)


def dates(clock: Clock, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every instant of the schedule from `start` to `end`, ends included, in UTC."""
    last: datetime | None = None
    for instant in clock.instants(start, end):
        if instant > end:
            return
        if instant >= start and instant != last:
            last = instant
            yield instant


def stored(value: Mapping[str, Any]) -> Clock:
    """A schedule that was read before, from its stored form; remembered."""
    return _stored(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=2048)
def _stored(text: bytes) -> Clock:
    value = orjson.loads(text)
    (shape,) = (key for key in SHAPES if value.get(key) is not None)
    return SHAPES[shape].read(value, EPOCH)
