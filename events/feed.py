"""Reads the feed in the order of its numbers, and misses none that comes late.

On PostgreSQL a row's number is drawn before its transaction ends, so a lower number may
appear after a higher one. Numbers that were passed over are looked for again for a
while; those of transactions that failed never come.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from events.models import Event

BATCH = 1000  # rows of one reading
_PATIENCE = 60.0  # seconds that a number may be missing
_MOST = 5000  # missing numbers remembered


@dataclass(frozen=True, slots=True)
class Heading:
    """What tells whether anybody wants an event at all."""

    seq: int
    name: str
    occurred: datetime


class Feed:
    """A place in the feed. Not for use by several threads at once."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._missing: dict[int, float] = {}  # number -> when it is given up

    def begin(self, clock: float) -> None:
        """Start behind the newest event."""
        newest = Event.objects.aggregate(newest=Max("seq"))["newest"] or 0
        self._last = max(0, newest - BATCH)
        while self.read(clock):
            pass

    def read(self, clock: float) -> list[Heading]:
        """Events that appeared since; at most `BATCH` of them, by number."""
        if self._last is None:
            self.begin(clock)
        last = self._last or 0
        new = Event.objects.filter(seq__gt=last)
        found = _headings(new.order_by("seq")[:BATCH])
        late = self._late()
        seen = {one.seq for one in found}
        if seen:
            newest = max(seen)
            for number in range(max(last + 1, newest - _MOST), newest):
                if number not in seen and len(self._missing) < _MOST:
                    self._missing[number] = clock + _PATIENCE
            self._last = newest
        for one in late:
            del self._missing[one.seq]
        for number in [n for n, until in self._missing.items() if until < clock]:
            del self._missing[number]
        return late + found

    def _late(self) -> list[Heading]:
        if not self._missing:
            return []
        rows = Event.objects.filter(seq__in=sorted(self._missing, reverse=True)[:BATCH])
        return _headings(rows.order_by("seq"))


def rows(numbers: Collection[int]) -> list[Event]:
    """Whole events by number."""
    return list(Event.objects.filter(seq__in=numbers).order_by("seq"))


def past(
    since: datetime,
    until: datetime,
    names: tuple[tuple[str, ...] | None, tuple[str, ...] | None],
    limit: int,
) -> list[Event]:
    """The newest events of a span, oldest first; `names` are exact ones, prefixes."""
    exact, prefixes = names
    condition = Q(occurred__gte=since, occurred__lte=until)
    if exact is not None:
        condition &= Q(event__in=exact)
    if prefixes is not None:
        some = Q(pk__in=[])
        for prefix in prefixes:
            some |= Q(event__startswith=prefix)
        condition &= some
    found = Event.objects.filter(condition).order_by("-occurred", "-seq")[:limit]
    return list(reversed(found))


def _headings(found: object) -> list[Heading]:
    listed = found.values_list("seq", "event", "occurred")  # type: ignore[attr-defined] # a QuerySet, sliced or not
    return [Heading(*row) for row in listed]
