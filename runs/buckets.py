"""Runs by the span of time they were expected in, and by state: the API's history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.errors import Invalid
from runs.models.run import estimated_run_time, lateness

MOST = 500  # spans
_CHUNK = 5000  # rows read at once
_COLUMNS = (
    "expected_start_time",
    "state_type",
    "state_name",
    "state_timestamp",
    "start_time",
    "end_time",
    "total_run_time",
)

Key = tuple[str | None, str | None]


@dataclass(slots=True)
class Share:
    """The runs of a span that are in one state."""

    runs: int = 0
    run_time: float = 0.0  # seconds
    lateness: float = 0.0  # seconds


@dataclass(slots=True)
class Bucket:
    """One span, with its runs by type and name of their state."""

    start: datetime
    end: datetime
    states: dict[Key, Share] = field(default_factory=lambda: defaultdict(Share))


def buckets(
    runs: Any, start: datetime, end: datetime, interval: timedelta, *, now: datetime
) -> list[Bucket]:
    """The spans between two times, with the runs of a QuerySet.

    Raises:
        Invalid: the spans are shorter than a second.
    """
    if interval < timedelta(seconds=1):
        raise Invalid("History interval must not be less than 1 second.")
    found = list(_spans(start, end, interval))
    if not found:
        return []
    within = runs.filter(
        expected_start_time__gte=start, expected_start_time__lt=found[-1].end
    )
    rows = within.order_by().values_list(*_COLUMNS).iterator(chunk_size=_CHUNK)
    for expected, type, name, since, began, ended, total in rows:
        share = found[(expected - start) // interval].states[type, name]
        share.runs += 1
        share.run_time += estimated_run_time(total, type, since, now)
        share.lateness += lateness(began, expected, ended, now)
    return found


def average_lateness(runs: Any, *, now: datetime) -> float | None:
    """Mean seconds between expected and real starts; None without runs."""
    count, total = 0, 0.0
    columns = ("start_time", "expected_start_time", "end_time")
    rows = runs.order_by().values_list(*columns).iterator(chunk_size=_CHUNK)
    for start, expected, end in rows:
        count += 1
        total += lateness(start, expected, end, now)
    return total / count if count else None


def _spans(start: datetime, end: datetime, interval: timedelta) -> Iterable[Bucket]:
    for _ in range(MOST):
        if start >= end:
            return
        try:
            until = start + interval
        except OverflowError:
            raise Invalid("The history ends after the year 9999.") from None
        yield Bucket(start, until)
        start = until
