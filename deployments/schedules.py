"""Schedules of a deployment: rows that come and go as clients say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core import changes, clocks
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from core.loops import wake
from core.sql import write
from deployments.models import Deployment, Schedule
from deployments.scheduling.discarding import discard_future
from events.record import record

FIELDS = (
    "schedule",
    "active",
    "parameters",
    "slug",
    "catchup",
    "max_active_runs",
    "max_scheduled_runs",
    "replaces",
)
MOST = 1000  # schedules of one deployment
FRESH = "recent-deployments"  # the loop that plans what was never planned


def add(
    id: UUID, wanted: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime
) -> list[Schedule]:
    """Give a deployment more schedules; what is planned stays.

    Raises:
        NotFound: there is no such deployment.
        Invalid: a schedule means nothing.
        Conflict: a slug is taken.
    """
    with write():
        deployment = _locked(id, actor)
        made = insert(deployment, wanted, now=now)
        record("orion.deployment.schedules-added", subject=deployment, actor=actor)
    return made


def amend(
    id: UUID, schedule_id: UUID, sent: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Schedule:
    """Change a schedule; nulls leave a field as it is.

    Raises:
        NotFound: there is no such deployment or schedule.
        Invalid: the schedule means nothing.
    """
    with write():
        deployment = _locked(id, actor)
        schedule = _one(deployment, schedule_id)
        if _change(schedule, sent, now):
            _check_slugs(deployment)
            discard_future(deployment, now=now)
            record("orion.deployment.schedule-updated", subject=deployment, actor=actor)
            wake_planner()
    return schedule


def remove(id: UUID, schedule_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a schedule away, and what was planned ahead.

    Raises:
        NotFound: there is no such deployment or schedule.
    """
    with write():
        deployment = _locked(id, actor)
        _one(deployment, schedule_id).delete()
        discard_future(deployment, now=now)
        record("orion.deployment.schedule-removed", subject=deployment, actor=actor)
        wake_planner()


def replace(
    deployment: Deployment, wanted: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """These schedules instead of those there are. The caller holds the lock."""
    deployment.schedules.all().delete()
    insert(deployment, wanted, now=now)


def merge(
    deployment: Deployment, wanted: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """Match by slug where every schedule has one, else replace them all.

    With slugs, known ones are changed, unknown ones added, others stay; `replaces`
    gives a known one another slug. The caller holds the lock.

    Raises:
        Invalid: some have a slug and some have none, or a new one lacks its schedule.
    """
    known = {row.slug: row for row in deployment.schedules.all()}
    slugs = [new.get("slug") for new in wanted]
    if known and None not in known and not all(slugs):
        raise Invalid(
            "Please provide a slug for each schedule in your request to ensure "
            "schedules are updated correctly."
        )
    if not known or None in known:
        replace(deployment, wanted, now=now)
        return
    for new in wanted:
        row = known.get(new.get("replaces")) or known.get(new.get("slug"))
        if row is not None:
            _change(row, new, now)
        else:
            insert(deployment, [new], now=now)
    _check_slugs(deployment)


def insert(
    deployment: Deployment, wanted: Sequence[Mapping[str, Any]], *, now: datetime
) -> list[Schedule]:
    """Store new schedules. The caller holds the lock.

    Raises:
        Invalid: one means nothing, or lacks its schedule; there are too many.
        Conflict: a slug is taken.
    """
    made = [
        Schedule(deployment=deployment, created=now, updated=now, **_columns(new, now))
        for new in wanted
    ]
    if deployment.schedules.count() + len(made) > MOST:
        raise Invalid(f"A deployment has at most {MOST} schedules.")
    slugs = [row.slug for row in made if row.slug]
    _check_slugs(deployment, slugs)
    Schedule.objects.bulk_create(made)
    if made:
        wake_planner()
    return made


def wake_planner() -> None:
    """Let the planner of this process look now, once this is committed."""
    transaction.on_commit(_wake)


def _wake() -> None:
    wake(FRESH)


def _columns(new: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    if new.get("schedule") is None:
        raise Invalid("A new schedule needs its `schedule`: interval, cron or rrule.")
    columns = {key: new[key] for key in FIELDS if new.get(key) is not None}
    columns["schedule"] = clocks.read(columns["schedule"], now=now).as_json()
    return columns


def _change(row: Schedule, sent: Mapping[str, Any], now: datetime) -> list[str]:
    wanted = {key: sent[key] for key in FIELDS if sent.get(key) is not None}
    if "schedule" in wanted:
        wanted["schedule"] = clocks.read(wanted["schedule"], now=now).as_json()
    return changes.apply(row, wanted)


def _check_slugs(deployment: Deployment, new: Sequence[str] = ()) -> None:
    known = deployment.schedules.filter(slug__isnull=False)
    slugs = [*(row.slug or "" for row in known), *new]
    twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    if twice:
        raise Conflict(f"Two schedules of the deployment have the slug {twice[0]!r}.")


def _locked(id: UUID, actor: Actor) -> Deployment:
    rows = Deployment.objects.visible_to(actor).locked()
    deployment: Deployment | None = rows.filter(pk=id).first()
    if deployment is None:
        raise NotFound("Deployment not found.")
    return deployment


def _one(deployment: Deployment, id: UUID) -> Schedule:
    schedule: Schedule | None = deployment.schedules.filter(pk=id).first()
    if schedule is None:
        raise NotFound("Schedule not found.")
    return schedule
