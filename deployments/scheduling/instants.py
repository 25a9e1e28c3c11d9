"""The instants of a schedule: its shape within its bounds, while calendars are open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from core import clocks
from core.errors import Invalid

# how far back to look for the instant before another one, step by step
BACK = [
    timedelta(minutes=2),
    timedelta(hours=2),
    timedelta(days=2),
    timedelta(days=62),
    timedelta(days=732),
    timedelta(days=366 * 30),
]

Calendars = Mapping[str, clocks.Calendar]


class Planned(Protocol):
    """What says when to fire: a schedule's row, or a draft of one."""

    schedule: Any
    starts_at: datetime | None
    ends_at: datetime | None
    calendars: Any


@dataclass(frozen=True, slots=True)
class Instants:
    """A pure function of the schedule: it does not matter when one asks."""

    clock: clocks.Clock
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    calendars: tuple[clocks.Calendar, ...] = ()

    @classmethod
    def of(cls, planned: Planned, calendars: Calendars) -> Instants:
        """Of a schedule; `calendars` holds those it names.

        Raises:
            Invalid: a shape or zone cannot be read, or there is no such calendar.
        """
        missing = [name for name in planned.calendars if name not in calendars]
        if missing:
            raise Invalid(f"There is no calendar named {missing[0]!r:.200}.")
        return cls(
            clocks.stored(planned.schedule),
            planned.starts_at,
            planned.ends_at,
            tuple(calendars[name] for name in planned.calendars),
        )

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Rising, ends included, in UTC."""
        first = max(start, self.starts_at or start)
        last = min(end, self.ends_at or end)
        return self._open(first, last)

    def before(self, instant: datetime) -> datetime | None:
        """The one before; what it was before the schedule's own start counts, too.

        None when there was none for a lifetime.
        """
        end = instant - clocks.TICK
        for span in BACK:
            try:
                start = instant - span
            except OverflowError:
                return None
            found = None
            for found in self._open(start, end):  # noqa: B007 - the last one is wanted
                pass
            if found is not None:
                return found
            end = start - clocks.TICK
        return None

    def tiles(
        self, instants: Iterable[datetime]
    ) -> Iterator[tuple[datetime | None, datetime]]:
        """Each instant with the one before it: the spans that its runs are about.

        The instants follow each other.
        """
        rest = iter(instants)
        first = next(rest, None)
        if first is None:
            return iter(())
        return _in_pairs(self.before(first), first, rest)

    def closing(self, instant: datetime) -> clocks.Calendar | None:
        """The calendar that is closed at an instant."""
        closed = (each for each in self.calendars if each.opens(instant) is not None)
        return next(closed, None)

    def _open(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Those that no calendar forbids; what is closed for long is jumped over."""
        if not self.calendars:
            yield from clocks.dates(self.clock, start, end)
            return
        while start <= end:
            until = None
            for instant in clocks.dates(self.clock, start, end):
                until = self._opens(instant)
                if until is not None:
                    break
                yield instant
            if until is None:
                return
            start = until

    def _opens(self, instant: datetime) -> datetime | None:
        ends = [each.opens(instant) for each in self.calendars]
        return max((end for end in ends if end is not None), default=None)


def _in_pairs(
    before: datetime | None, first: datetime, rest: Iterator[datetime]
) -> Iterator[tuple[datetime | None, datetime]]:
    yield before, first
    for instant in rest:
        yield first, instant
        first = instant
