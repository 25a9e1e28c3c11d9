"""From schedules to runs: each instant becomes exactly one run, whoever plans it.

The run's key names deployment, schedule and instant. A schedule that is deployed again
unchanged, under another id, is still the same: it is known by its slug, else by what it
is. Planner and redeploy share the deployment's lock.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, cast
from uuid import UUID

import orjson

from core import clocks
from core.actor import SERVICE, Actor
from core.conf import conf
from core.errors import Invalid
from core.sql import write
from deployments.launching import labels
from deployments.models import Deployment, Schedule
from runs.orchestration.transition import Proposal, stamp
from runs.services import NewFlowRun, create_flow_runs
from runs.states import StateType

logger = logging.getLogger(__name__)

AUTO_TAG = "auto-scheduled"
MESSAGE = "Flow run scheduled"
FULL = 500  # runs made in one transaction, or a few more
MOST = 1000  # runs of one window that somebody chose
LOOK_AGAIN = timedelta(days=1)  # also where nothing is in sight
KINDS = {
    "interval": "IntervalSchedule",
    "cron": "CronSchedule",
    "rrule": "RRuleSchedule",
}


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far to plan: until both minima are met, never beyond a maximum."""

    start: datetime
    end: datetime
    min_runs: int
    min_until: datetime
    max_runs: int

    @classmethod
    def usual(cls, now: datetime) -> Horizon:
        """As the settings say."""
        return cls(
            start=now,
            end=now + conf.scheduler_max_ahead,
            min_runs=conf.scheduler_min_runs,
            min_until=now + conf.scheduler_min_ahead,
            max_runs=conf.scheduler_max_runs,
        )

    def dates(self, clock: clocks.Clock) -> list[datetime]:
        """The instants to plan."""
        found: list[datetime] = []
        for instant in islice(clocks.dates(clock, self.start, self.end), self.max_runs):
            found.append(instant)
            if len(found) >= self.min_runs and instant >= self.min_until:
                break
        return found


def plan(deployment_id: UUID, *, now: datetime) -> int:
    """Bring the runs of a deployment's schedules up to the horizon; how many were made.

    A deployment that another planner or a redeploy holds is theirs.
    """
    made = [_plan_some(deployment_id, now)]
    while made[-1] >= FULL:
        made.append(_plan_some(deployment_id, now))
    return sum(made)


def _plan_some(deployment_id: UUID, now: datetime) -> int:
    """Plan the schedules that need it, until a transaction is full."""
    horizon = Horizon.usual(now)
    with write():
        rows = Deployment.objects.claimable().filter(pk=deployment_id, paused=False)
        deployment = rows.first()
        if deployment is None:
            return 0
        new: list[NewFlowRun] = []
        for schedule in deployment.schedules.in_need(now):
            if len(new) >= FULL:
                break
            dates = _dates(schedule, horizon)
            new += _runs(deployment, schedule, _unplanned(schedule, dates))
            _move_cursor(schedule, dates, horizon)
        create_flow_runs(new, actor=_for(deployment), now=now)
    return len(new)


def plan_window(
    deployment: Deployment, horizon: Horizon, *, actor: Actor, now: datetime
) -> int:
    """Make the runs of a window that somebody chose, also of the past.

    Raises:
        Invalid: they are too many.
    """
    with write():
        Deployment.objects.locked().get(pk=deployment.pk)
        new = [
            run
            for schedule in deployment.schedules.filter(active=True)
            for run in _runs(deployment, schedule, _dates(schedule, horizon))
        ]
        if len(new) > MOST:
            raise Invalid(
                f"The window holds {len(new)} runs, at most {MOST} are made at once: "
                "choose a shorter one or a smaller max_runs."
            )
        return len(create_flow_runs(new, actor=actor, now=now))


def identity(schedule: Schedule) -> str:
    """What makes a schedule the same one after a redeploy."""
    if schedule.slug:
        return schedule.slug
    whole = [schedule.schedule, schedule.parameters]
    text = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:32]


def _for(deployment: Deployment) -> Actor:
    """The server, in the deployment's workspace."""
    return replace(SERVICE, workspace_id=cast("int", deployment.workspace_id))


def _dates(schedule: Schedule, horizon: Horizon) -> list[datetime]:
    try:
        return horizon.dates(clocks.stored(schedule.schedule))
    except Invalid as error:
        logger.error(
            "schedule skipped", extra={"schedule": str(schedule.pk), "why": str(error)}
        )
        return []


def _unplanned(schedule: Schedule, dates: Iterable[datetime]) -> list[datetime]:
    """What lies behind the cursor."""
    cursor = schedule.planned_until
    return [date for date in dates if cursor is None or date > cursor]


def _move_cursor(schedule: Schedule, dates: list[datetime], horizon: Horizon) -> None:
    """Remember what is planned, and when there will be too little of it."""
    again = horizon.start + LOOK_AGAIN
    if dates:
        schedule.planned_until = max(dates[-1], schedule.planned_until or dates[-1])
        ahead = dates[-1] - (horizon.min_until - horizon.start)
        too_few = dates[-min(horizon.min_runs, len(dates))]
        again = min(again, max(horizon.start, min(ahead, too_few)))
    schedule.plan_after = again
    Schedule.objects.filter(pk=schedule.pk).update(
        planned_until=schedule.planned_until, plan_after=again
    )


def _runs(
    deployment: Deployment, schedule: Schedule, dates: Iterable[datetime]
) -> list[NewFlowRun]:
    """The runs of these instants, as nobody has touched them."""
    name = identity(schedule)
    shape = next(kind for key, kind in KINDS.items() if key in schedule.schedule)
    every: dict[str, Any] = {
        "flow_id": deployment.flow_id,
        "deployment_id": deployment.pk,
        "deployment_version": deployment.version,
        "work_queue_id": deployment.work_queue_id,
        "work_queue_name": deployment.work_queue_name,
        "infrastructure_document_id": deployment.infrastructure_document_id,
        "parameters": {**deployment.parameters, **schedule.parameters},
        "tags": list(dict.fromkeys([AUTO_TAG, *deployment.tags])),
        "labels": labels(deployment),
        "auto_scheduled": True,
        "created_by": {
            "id": str(schedule.pk),
            "type": "SCHEDULE",
            "display_value": schedule.slug or shape,
        },
    }
    return [
        NewFlowRun(
            **every,
            idempotency_key=f"scheduled {deployment.pk} {name} {date}",
            state=Proposal(
                StateType.SCHEDULED,
                message=MESSAGE,
                details={"scheduled_time": stamp(date)},
            ),
        )
        for date in dates
    ]
