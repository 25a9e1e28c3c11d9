"""Blackout calendars: spans and days on the wall clock of a zone when nothing fires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from core.clocks.zones import zone, zone_name
from core.errors import Invalid

MOST = 2000  # spans of one calendar
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Local times from `start` up to, not including, `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """When schedules that keep to it rest."""

    name: str
    zone: str
    spans: tuple[Span, ...]
    weekdays: frozenset[int]

    @classmethod
    def read(
        cls, name: str, zone: Any, closed: Sequence[Any], weekdays: Sequence[Any]
    ) -> Self:
        """From the stored form.

        `closed` holds dates, or objects with `start` and `end`: dates, both of them
        closed as a whole, or local times without an offset. `weekdays` are ISO numbers.

        Raises:
            Invalid: something has no meaning.
        """
        if len(closed) > MOST:
            raise Invalid(f"A calendar has at most {MOST} spans, found {len(closed)}.")
        wrong = [day for day in weekdays if not _is_weekday(day)]
        if wrong:
            raise Invalid(
                f"A weekday is a number from 1 (Monday) to 7, found {wrong[0]!r:.50}."
            )
        spans = sorted((_span(each) for each in closed), key=lambda span: span.start)
        return cls(
            name, zone_name(zone, default="UTC"), tuple(spans), frozenset(weekdays)
        )

    def opens(self, instant: datetime) -> datetime | None:
        """Where the closed span ends that holds the instant; None when it is open."""
        place = zone(self.zone)
        wall = instant.astimezone(place).replace(tzinfo=None, fold=0)
        until = self._closed_until(wall)
        if until is None:
            return None
        opening = until.replace(tzinfo=place).astimezone(UTC)
        # in a repeated hour the wall clock may lead back: go on nonetheless
        return max(opening, instant.astimezone(UTC) + _MINUTE)

    def _closed_until(self, wall: datetime) -> datetime | None:
        ends = [span.end for span in self.spans if span.start <= wall < span.end]
        if wall.isoweekday() in self.weekdays:
            ends.append(datetime.combine(wall.date() + _DAY, time()))
        return max(ends, default=None)


def _is_weekday(day: Any) -> bool:
    return isinstance(day, int) and not isinstance(day, bool) and 1 <= day <= 7


def _span(value: Any) -> Span:
    if isinstance(value, str):
        value = {"start": value, "end": value}
    if not isinstance(value, Mapping):
        raise Invalid(
            f"A closed span is a date or an object, found {type(value).__name__}."
        )
    start = _edge(value.get("start"), is_end=False)
    end = _edge(value.get("end", value.get("start")), is_end=True)
    if end <= start:
        raise Invalid(f"A closed span ends after it starts, found {start} to {end}.")
    return Span(start, end)


def _edge(value: Any, *, is_end: bool) -> datetime:
    """A local time; a date means its first moment, or as an end the one after it."""
    try:
        if isinstance(value, str) and len(value) == len("2026-12-24"):
            day = date.fromisoformat(value)
            return datetime.combine(day + _DAY if is_end else day, time())
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError):
        raise Invalid(
            f"A span starts and ends with a date or a local time in ISO 8601, such as "
            f"2026-12-24 or 2026-12-24T18:00, found {value!r:.100}."
        ) from None
    if moment.tzinfo is not None:
        raise Invalid(
            f"The times of a calendar are local to its zone: write {value!r:.100} "
            "without an offset."
        )
    return moment
