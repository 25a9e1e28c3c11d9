"""Schedules of a deployment: rows that come and go as clients and operators say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.errors import Conflict, Invalid
from core.sql import write
from deployments import holds, schedule_fields
from deployments.finding import locked, one_schedule
from deployments.models import Deployment, Schedule
from deployments.scheduling.merging import edit, keep_edits, name_new, successors
from deployments.scheduling.replanning import plan_here, replan
from events.record import record

MOST = 1000  # schedules of one deployment
GONE = "Deployment not found."


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
        deployment = locked(id, actor, GONE)
        made = insert(deployment, wanted, actor=actor, now=now)
        plan_here(deployment, now=now)
        record("orion.deployment.schedules-added", subject=deployment, actor=actor)
    return made


def amend(
    id: UUID, schedule_id: UUID, sent: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Schedule:
    """Edit a schedule as an operator: what is edited survives redeploys.

    Setting it inactive holds it, setting it active lifts its hold.

    Raises:
        NotFound: there is no such deployment or schedule.
        Invalid: the schedule means nothing.
        Conflict: the slug is taken.
    """
    with write():
        deployment = locked(id, actor, GONE)
        schedule = one_schedule(deployment, schedule_id)
        wanted = schedule_fields.edited(schedule, sent, actor=actor, now=now)
        active = wanted.pop("active", None)
        if changed := edit(schedule, wanted):
            schedule.save(update_fields=[*changed, "deployed"])
            _check_slugs(deployment.schedules.all())
            replan(deployment, now=now, identity=schedule.identity)
            record("orion.deployment.schedule-updated", subject=deployment, actor=actor)
        if active is True:
            holds.take_off_schedule(deployment, schedule, actor=actor, now=now)
        elif active is False:
            holds.put_on_schedule(deployment, schedule, actor=actor, now=now)
        schedule.refresh_from_db()
    return schedule


def revert(id: UUID, schedule_id: UUID, *, actor: Actor, now: datetime) -> Schedule:
    """Give a schedule back what the code says; a hold stays.

    Raises:
        NotFound: there is no such deployment or schedule.
    """
    with write():
        deployment = locked(id, actor, GONE)
        schedule = one_schedule(deployment, schedule_id)
        for name, value in schedule_fields.as_deployed(schedule).items():
            setattr(schedule, name, value)
        schedule.deployed = None
        holds.keep_held(deployment, [schedule])
        schedule.save()
        replan(deployment, now=now, identity=schedule.identity)
        record("orion.deployment.schedule-reverted", subject=deployment, actor=actor)
        schedule.refresh_from_db()
    return schedule


def remove(id: UUID, schedule_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a schedule away, and what was planned ahead.

    Raises:
        NotFound: there is no such deployment or schedule.
    """
    with write():
        deployment = locked(id, actor, GONE)
        schedule = one_schedule(deployment, schedule_id)
        schedule.delete()
        deployment.holds.filter(schedule_identity=schedule.identity).delete()
        replan(deployment, now=now, identity=schedule.identity)
        record("orion.deployment.schedule-removed", subject=deployment, actor=actor)


def replace(
    deployment: Deployment,
    wanted: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
    is_new: bool = False,
) -> list[Schedule]:
    """The code's schedules instead of those there are; nothing is planned.

    What operators hold and edited lives on in the new ones; a new deployment has
    neither. The caller holds the lock.

    Raises:
        Invalid: one means nothing, or lacks its schedule; there are too many.
        Conflict: two have the same slug.
    """
    codes = [schedule_fields.new(each, actor=actor, now=now) for each in wanted]
    old = [] if is_new else list(deployment.schedules.order_by("created", "id"))
    rows = successors(deployment, old, codes, now=now)
    if old:
        deployment.schedules.all().delete()
    if not is_new:
        holds.keep_held(deployment, rows)
    _store(rows)
    return rows


def merge(
    deployment: Deployment,
    wanted: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Match by slug where every schedule has one, else replace them all.

    With slugs, known ones are changed, unknown ones added, others stay; `replaces`
    gives a known one another slug. Nothing is planned. The caller holds the lock.

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
        replace(deployment, wanted, actor=actor, now=now)
        return
    for new in wanted:
        row = known.get(new.get("replaces")) or known.get(new.get("slug"))
        if row is None:
            insert(deployment, [new], actor=actor, now=now)
            continue
        code = schedule_fields.changed(new, actor=actor, now=now)
        _bring(row, schedule_fields.as_deployed(row) | code)
        holds.keep_held(deployment, [row])
        row.save()
    _check_slugs(deployment.schedules.all())


def insert(
    deployment: Deployment,
    wanted: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> list[Schedule]:
    """Store new schedules; nothing is planned. The caller holds the lock.

    Raises:
        Invalid: one means nothing, or lacks its schedule; there are too many.
        Conflict: a slug is taken.
    """
    codes = [schedule_fields.new(each, actor=actor, now=now) for each in wanted]
    made = [
        Schedule(deployment=deployment, created=now, updated=now, **code)
        for code in codes
    ]
    others = list(deployment.schedules.all())
    name_new(made, others)
    holds.keep_held(deployment, made)
    _store(made, others)
    return made


def _bring(row: Schedule, code: Mapping[str, Any]) -> None:
    """Put what the code says on the row, but for what operators edited."""
    before = copy(row)
    for name, value in code.items():
        setattr(row, name, value)
    keep_edits(row, before)


def _store(rows: Sequence[Schedule], others: Sequence[Schedule] = ()) -> None:
    """Insert rows; `others` are those that the deployment has beside them."""
    if len(others) + len(rows) > MOST:
        raise Invalid(f"A deployment has at most {MOST} schedules.")
    _check_slugs([*others, *rows])
    Schedule.objects.bulk_create(rows)


def _check_slugs(rows: Iterable[Schedule]) -> None:
    slugs = [row.slug for row in rows if row.slug]
    twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    if twice:
        raise Conflict(f"Two schedules of the deployment have the slug {twice[0]!r}.")
