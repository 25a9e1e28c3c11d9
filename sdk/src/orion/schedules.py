"""When a deployment runs: by cron, by interval, by recurrence rule.

Only the shape is looked at here; the server knows the next times, DST included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What all schedules have; `slug` keeps its identity over deployments."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    slug: str | None = None
    active: bool = True

    def when(self) -> dict[str, Any]:
        """The wire's description of the instants."""
        raise NotImplementedError

    def body(self) -> dict[str, Any]:
        """The wire's row of a deployment's schedules."""
        row: dict[str, Any] = {"active": self.active, "schedule": self.when()}
        if self.parameters:
            row["parameters"] = dict(self.parameters)
        if self.slug is not None:
            row["slug"] = self.slug
        return row


@dataclass(frozen=True, slots=True)
class Cron(Schedule):
    """Cron fields read in a time zone; `day_or`: either of two day fields suffices."""

    cron: str
    timezone: str | None = "UTC"
    day_or: bool = True

    def when(self) -> dict[str, Any]:
        """The fields and the zone."""
        found: dict[str, Any] = {"cron": self.cron, "timezone": self.timezone}
        return found if self.day_or else {**found, "day_or": False}


@dataclass(frozen=True, slots=True)
class Interval(Schedule):
    """Every so often (seconds or a timedelta), counted from the anchor.

    Raises:
        ValueError: the interval is not above zero.
    """

    interval: float | timedelta
    anchor_date: datetime | str | None = None
    timezone: str | None = None

    def __post_init__(self) -> None:
        if self.seconds <= 0:
            raise ValueError(f"An interval is above zero, not {self.interval!r}")

    @property
    def seconds(self) -> float:
        """The interval in seconds."""
        if isinstance(self.interval, timedelta):
            return self.interval.total_seconds()
        return float(self.interval)

    def when(self) -> dict[str, Any]:
        """The interval, and its anchor where one is given."""
        found: dict[str, Any] = {"interval": self.seconds, "timezone": self.timezone}
        if self.anchor_date is not None:
            anchor = self.anchor_date
            found["anchor_date"] = anchor if isinstance(anchor, str) else _iso(anchor)
        return found


@dataclass(frozen=True, slots=True)
class RRule(Schedule):
    """An iCalendar recurrence rule or set (RFC 5545, 3.8.5), read in a time zone."""

    rrule: str
    timezone: str | None = "UTC"

    def when(self) -> dict[str, Any]:
        """The rule and the zone."""
        return {"rrule": self.rrule, "timezone": self.timezone}


def _iso(moment: datetime) -> str:
    """A time with its offset; one without an offset is the reader's own."""
    return (moment if moment.tzinfo else moment.astimezone()).isoformat()
