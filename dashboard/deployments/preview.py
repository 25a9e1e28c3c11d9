"""The next dates of schedules, as pages tell them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from core.errors import Invalid
from deployments import blackouts
from deployments.models import Schedule
from deployments.scheduling.instants import Instants

HORIZON = timedelta(days=1500)


def coming(
    schedule: Schedule, *, workspace_id: int | None, now: datetime, most: int
) -> list[datetime]:
    """The next dates of a stored schedule; none where it cannot be read any more."""
    calendars = blackouts.named(schedule.calendars).get(workspace_id or 0, {})
    try:
        found = Instants.of(schedule, calendars).between(now, now + HORIZON)
        return list(islice(found, most))
    except Invalid:
        return []
