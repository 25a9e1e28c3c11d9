"""From schedules to runs: each instant becomes exactly one run, whoever plans it.

The run's key names deployment, schedule identity and instant. Planners and redeploys
share the deployment's lock, and a cursor that says up to where all is decided.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import connection

from core import clocks, sql
from core.actor import Actor
from core.conf import conf
from core.errors import Invalid
from core.sql import write
from deployments.blackouts import named
from deployments.models import Deployment, Schedule
from deployments.querysets import ScheduleQuerySet
from deployments.scheduling import making
from deployments.scheduling.catchup import (
    WINDOW,
    CatchUp,
    Horizon,
    LeftOut,
    Share,
    share,
)
from deployments.scheduling.discarding import discard_future
from deployments.scheduling.instants import Instants
from events.record import record
from runs.series import Series, create_series

__all__ = ["FULL", "Horizon", "fill", "plan", "plan_next", "plan_window"]

logger = logging.getLogger(__name__)

FULL = 250  # runs made in one transaction, or a few more
MOST = 1000  # runs of one window that somebody chose
AT_ONCE = 25  # deployments planned in one transaction
LOOK_AGAIN = timedelta(days=1)  # also where nothing is in sight
SLACK = timedelta(minutes=5)  # planned on top, so that there is a rest until the next
UNREADABLE = (Invalid, ValueError, ArithmeticError, LookupError, TypeError)


@dataclass(slots=True)
class Batch:
    """What one transaction makes and moves."""

    series: list[Series] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)

    @property
    def room(self) -> int:
        """How many more runs fit."""
        return FULL - self.runs

    @property
    def runs(self) -> int:
        """How many runs it makes."""
        return sum(len(each.spans) for each in self.series)


def plan(deployment_id: UUID, *, now: datetime) -> int:
    """Bring the runs of a deployment's schedules up to the horizon; how many were made.

    A deployment that another planner or a redeploy holds is theirs.
    """
    made = 0
    while True:
        with write():
            found = _claimed(Deployment.objects.filter(pk=deployment_id))
            batch = fill(found, now=now)
        made += batch.runs
        if batch.room > 0:
            return made


def plan_next(schedules: ScheduleQuerySet, *, now: datetime) -> bool:
    """Plan deployments of these schedules in one transaction, as many as fit.

    Others may do the same at once: each takes deployments that nobody holds. Returns
    whether more may be waiting.
    """
    with write():
        oldest = schedules.order_by("plan_after").values_list(
            "deployment_id", flat=True
        )
        ids = set(oldest[: 5 * AT_ONCE])
        found = _claimed(Deployment.objects.filter(pk__in=ids)) if ids else []
        batch = fill(found, now=now)
    return len(found) == AT_ONCE or batch.room <= 0


def fill(
    deployments: Sequence[Deployment],
    *,
    now: datetime,
    schedules: Sequence[Schedule] | None = None,
) -> Batch:
    """Plan the schedules that need it, until the transaction is full.

    The caller holds the locks of the deployments, and may know all their schedules.
    """
    batch = Batch()
    working = {each.pk: each for each in deployments if not each.paused}
    if not working:
        return batch
    if schedules is None:
        rows = Schedule.objects.in_need(now).filter(deployment__in=list(working))
        needy = list(rows.order_by("deployment", "id"))
    else:
        needy = [each for each in schedules if each.is_in_need(now)]
    calendars = named(name for each in needy for name in each.calendars)
    for schedule in needy:
        if batch.room <= 0:
            break
        deployment = working[schedule.deployment_id]
        if schedule.is_stale:
            discard_future(deployment, now=now, identity=schedule.identity)
            schedule.planned_until = min(schedule.planned_until or now, now)
        known = calendars.get(deployment.workspace_id, {})
        _add(batch, deployment, schedule, known, now)
    homes: dict[Actor, list[Series]] = {}
    for series in batch.series:
        deployment = working[cast("UUID", series.pattern.deployment_id)]
        homes.setdefault(making.acting_for(deployment), []).append(series)
    for actor, many in homes.items():
        create_series(many, actor=actor, now=now)
    _save_cursors(batch.schedules)
    return batch


def plan_window(
    deployment: Deployment, horizon: Horizon, *, actor: Actor, now: datetime
) -> int:
    """Make the runs of a window that somebody chose, also of the past.

    Raises:
        Invalid: they are too many.
    """
    with write():
        Deployment.objects.locked().get(pk=deployment.pk)
        new: list[Series] = []
        active = list(deployment.schedules.filter(active=True))
        names = {name for each in active for name in each.calendars}
        calendars = named(names).get(deployment.workspace_id, {})
        for schedule in active:
            try:
                instants = Instants.of(schedule, calendars)
                dates = horizon.dates(instants)
            except UNREADABLE as error:
                _skip(schedule, error)
                continue
            new.append(making.planned(deployment, schedule, instants, dates))
        number = sum(len(series.spans) for series in new)
        if number > MOST:
            raise Invalid(
                f"The window holds {number} runs, at most {MOST} are made at once: "
                "choose a shorter one or a smaller max_runs."
            )
        return create_series(new, actor=actor, now=now)


def _claimed(deployments: Any) -> list[Deployment]:
    """Those that nobody holds, locked in the order of their ids."""
    rows = deployments.filter(paused=False).order_by("pk").claimable()
    return list(rows[:AT_ONCE])


def _add(
    batch: Batch,
    deployment: Deployment,
    schedule: Schedule,
    calendars: Mapping[str, clocks.Calendar],
    now: datetime,
) -> None:
    """Give a schedule its share of the batch, and move its cursor."""
    horizon = Horizon.usual(now)
    if schedule.planned_until is not None and schedule.plan_after is not None:
        horizon = replace(horizon, min_until=horizon.min_until + SLACK)
    window = schedule.catchup_seconds
    catch_up = CatchUp(
        schedule.catchup_policy,
        WINDOW if window is None else timedelta(seconds=window),
    )
    try:
        instants = Instants.of(schedule, calendars)
        part = share(
            instants,
            horizon,
            cursor=schedule.planned_until,
            catch_up=catch_up,
            room=batch.room,
        )
        series = making.planned(deployment, schedule, instants, part.dates)
        batch.series.append(series)
    except UNREADABLE as error:
        _skip(schedule, error)
        part = Share(cursor=schedule.planned_until)
    if part.left_out is not None:
        _tell(deployment, schedule, part.left_out, now)
    _move(schedule, part, now)
    batch.schedules.append(schedule)


def _move(schedule: Schedule, part: Share, now: datetime) -> None:
    """Remember what is decided, and when there will be too little of it."""
    schedule.planned_until, schedule.is_stale = part.cursor, False
    if not part.is_whole:
        schedule.plan_after = None
        return
    again = now + LOOK_AGAIN
    if part.ahead:
        too_few = part.ahead[-min(conf.scheduler_min_runs, len(part.ahead))]
        again = min(again, too_few, part.ahead[-1] - conf.scheduler_min_ahead)
    schedule.plan_after = max(now, again)


def _save_cursors(schedules: Sequence[Schedule]) -> None:
    """One statement for all; `updated` stays."""
    if not schedules:
        return
    values = [
        (
            sql.time_in(each.planned_until),
            sql.time_in(each.plan_after),
            each.is_stale,
            sql.uuid_in(each.pk),
        )
        for each in schedules
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_MOVE, values)


_MOVE = (
    "UPDATE orion_deployments_schedule "
    "SET planned_until = %s, plan_after = %s, is_stale = %s WHERE id = %s"
)


def _tell(
    deployment: Deployment, schedule: Schedule, left_out: LeftOut, now: datetime
) -> None:
    """Store what was left out, and why."""
    record(
        "orion.deployment.instants-left-out",
        subject=deployment,
        actor=making.acting_for(deployment),
        payload={
            "schedule": schedule.identity,
            "number": left_out.number,
            "after": left_out.after.isoformat(),
            "until": left_out.until.isoformat(),
            "reason": left_out.reason,
        },
        now=now,
    )


def _skip(schedule: Schedule, error: Exception) -> None:
    logger.error(
        "schedule skipped", extra={"schedule": str(schedule.pk), "why": str(error)}
    )
