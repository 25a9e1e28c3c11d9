"""Holds: an operator lets a deployment or a schedule rest, whatever is deployed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.sql import write
from deployments.finding import locked, one_schedule
from deployments.models import Deployment, Hold, Schedule
from deployments.scheduling.merging import edit
from deployments.scheduling.replanning import replan
from events.record import record


def hold(
    id: UUID,
    *,
    schedule_id: UUID | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Let a deployment, or one of its schedules, rest until it is released.

    Untouched runs that lie ahead are taken back; those that are due stay and wait.

    Raises:
        NotFound: there is no such deployment or schedule.
    """
    with write():
        deployment = locked(id, actor)
        if schedule_id is None:
            put_on(deployment, reason=reason, actor=actor, now=now)
        else:
            row = one_schedule(deployment, schedule_id)
            put_on_schedule(deployment, row, reason=reason, actor=actor, now=now)


def release(
    id: UUID, *, schedule_id: UUID | None = None, actor: Actor, now: datetime
) -> None:
    """Let it work again, from now on.

    Raises:
        NotFound: there is no such deployment or schedule.
    """
    with write():
        deployment = locked(id, actor)
        if schedule_id is None:
            take_off(deployment, actor=actor, now=now)
        else:
            row = one_schedule(deployment, schedule_id)
            take_off_schedule(deployment, row, actor=actor, now=now)


def put_on(
    deployment: Deployment, *, reason: str = "", actor: Actor, now: datetime
) -> None:
    """Hold the deployment. The caller holds its lock."""
    if _put_on(deployment, None, reason, actor, now) or not deployment.paused:
        deployment.paused = True
        deployment.save(update_fields=["paused"])
        replan(deployment, now=now)
        record("orion.deployment.paused", subject=deployment, actor=actor, now=now)


def take_off(deployment: Deployment, *, actor: Actor, now: datetime) -> None:
    """Lift the deployment's hold, and resume it. The caller holds its lock."""
    held, _ = deployment.holds.filter(schedule_identity=None).delete()
    if held or deployment.paused:
        deployment.paused = False
        deployment.save(update_fields=["paused"])
        deployment.schedules.update(planned_until=None)
        replan(deployment, now=now)
        record("orion.deployment.resumed", subject=deployment, actor=actor, now=now)


def put_on_schedule(
    deployment: Deployment,
    row: Schedule,
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Hold a schedule. The caller holds the deployment's lock."""
    is_new = _put_on(deployment, row.identity, reason, actor, now)
    if edit(row, {"active": False}) or is_new:
        row.save(update_fields=["active", "deployed"])
        replan(deployment, now=now, identity=row.identity)
        _tell("held", deployment, row, actor, now)


def take_off_schedule(
    deployment: Deployment, row: Schedule, *, actor: Actor, now: datetime
) -> None:
    """Lift a schedule's hold, and resume it. The caller holds the deployment's lock."""
    held, _ = deployment.holds.filter(schedule_identity=row.identity).delete()
    if edit(row, {"active": True}) or held:
        row.planned_until = None
        row.save(update_fields=["active", "deployed", "planned_until"])
        replan(deployment, now=now, identity=row.identity)
        _tell("released", deployment, row, actor, now)


def keep_held(deployment: Deployment, rows: Iterable[Schedule]) -> None:
    """Let schedules rest that are held, whatever the code says; nothing is saved."""
    held = set(deployment.holds.values_list("schedule_identity", flat=True))
    if None in held:
        deployment.paused = True
    for row in rows:
        if row.identity in held:
            edit(row, {"active": False})


def _put_on(
    deployment: Deployment,
    identity: str | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Store the hold; whether it is new. Another reason replaces the first one."""
    by = {"type": actor.kind, "display_value": actor.name}
    row: Any = deployment.holds.filter(schedule_identity=identity).first()
    if row is None:
        Hold.objects.create(
            deployment=deployment,
            schedule_identity=identity,
            reason=reason,
            created_by=by,
            created=now,
        )
        return True
    if reason and reason != row.reason:
        row.reason, row.created_by = reason, by
        row.save(update_fields=["reason", "created_by"])
    return False


def _tell(
    verb: str, deployment: Deployment, row: Schedule, actor: Actor, now: datetime
) -> None:
    record(
        f"orion.deployment.schedule-{verb}",
        subject=deployment,
        actor=actor,
        payload={"schedule": row.identity},
        now=now,
    )
