"""Previews of stored schedules and of drafts, for pages and the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.errors import Invalid
from deployments import schedule_fields
from deployments.blackouts import named
from deployments.finding import find, one_schedule
from deployments.models import Deployment, Schedule
from deployments.models.schedule import CODE_FIELDS
from deployments.scheduling.instants import Instants
from deployments.scheduling.preview import Preview, preview


def of_schedule(
    id: UUID, schedule_id: UUID, *, actor: Actor, now: datetime, count: int = 10
) -> Preview:
    """The next runs of a stored schedule.

    Raises:
        NotFound: there is no such deployment or schedule.
        Invalid: the schedule cannot be read.
    """
    deployment = find(id, actor=actor)
    row = one_schedule(deployment, schedule_id)
    return _preview(deployment, row, now=now, count=count)


def of_draft(
    id: UUID,
    sent: Mapping[str, Any],
    *,
    schedule_id: UUID | None = None,
    actor: Actor,
    now: datetime,
    count: int = 10,
) -> Preview:
    """The next runs of a schedule as it would be: a new one, or a stored one changed.

    Raises:
        NotFound: there is no such deployment or schedule.
        Invalid: the draft means nothing.
    """
    deployment = find(id, actor=actor)
    if schedule_id is None:
        draft = Schedule(**schedule_fields.new(sent, actor=actor, now=now))
    else:
        row = one_schedule(deployment, schedule_id)
        columns = {name: getattr(row, name) for name in CODE_FIELDS}
        wanted = schedule_fields.edited(row, sent, actor=actor, now=now)
        draft = Schedule(id=row.pk, **columns | wanted)
    return _preview(deployment, draft, now=now, count=count)


def _preview(
    deployment: Deployment, row: Schedule, *, now: datetime, count: int
) -> Preview:
    others = [each for each in deployment.schedules.all() if each.pk != row.pk]
    names = {name for each in (row, *others) for name in each.calendars}
    known = named(names).get(deployment.workspace_id, {})
    beside = []
    for each in others:
        try:
            beside.append((str(each), Instants.of(each, known)))
        except Invalid:  # it never fires, so it never clashes
            continue
    return preview(Instants.of(row, known), now=now, count=count, others=beside)
