"""The next instants of a schedule, told in its zone, with what clock changes do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from core.errors import Invalid
from dashboard.base.spoken import length
from dashboard.base.times import rough
from deployments import blackouts
from deployments.models import Schedule
from deployments.scheduling.instants import Instants

HORIZON = timedelta(days=1500)


@dataclass(frozen=True, slots=True)
class Instant:
    """One time at which it fires, on the schedule's own clock."""

    at: datetime
    there: str  # on the clock of the schedule's zone
    gap: str  # since the one before
    note: str  # what the clock change does to it


def of_draft(
    schedule: Schedule, *, workspace_id: int, now: datetime, most: int
) -> list[datetime]:
    """The next instants of a schedule, within its bounds, while its calendars are open.

    Raises:
        Invalid: it cannot be read, or names a calendar that is not there.
    """
    calendars = blackouts.named(schedule.calendars).get(workspace_id, {})
    found = Instants.of(schedule, calendars).between(now, now + HORIZON)
    return list(islice(found, most))


def coming(
    schedule: Schedule, *, workspace_id: int, now: datetime, most: int
) -> list[datetime]:
    """The same of a stored schedule; nothing where it cannot be read any more."""
    try:
        return of_draft(schedule, workspace_id=workspace_id, now=now, most=most)
    except Invalid:
        return []


def told(found: list[datetime], zone: ZoneInfo) -> list[Instant]:
    """The instants as a table tells them."""
    rows, before = [], None
    usual = _usual(found)
    for at in found:
        there = at.astimezone(zone)
        gap = (at - before).total_seconds() if before else 0.0
        rows.append(
            Instant(
                at,
                f"{there:%a %Y-%m-%d %H:%M:%S}",
                f"after {length(gap) if gap % 60 == 0 else rough(gap)}" if gap else "",
                _note(before, at, zone, gap, usual),
            )
        )
        before = at
    return rows


def _usual(found: list[datetime]) -> float:
    """The distance that most of them have."""
    gaps = [(b - a).total_seconds() for a, b in pairwise(found)]
    return max(set(gaps), key=gaps.count) if gaps else 0.0


def _note(
    before: datetime | None, at: datetime, zone: ZoneInfo, gap: float, usual: float
) -> str:
    """Whether the clocks change between the two."""
    if before is None:
        return ""
    was, now = before.astimezone(zone).utcoffset(), at.astimezone(zone).utcoffset()
    if was is None or now is None or was == now:
        return ""
    moved = (now - was).total_seconds()
    way = "forward" if moved > 0 else "back"
    said = f"clocks go {way} by {rough(abs(moved))}"
    return f"{said}, so this gap differs" if gap != usual else said
