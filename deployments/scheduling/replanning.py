"""Planning anew in the transaction that changed a deployment or its schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from core.loops import wake
from deployments.blackouts import FRESH
from deployments.models import Deployment, Schedule
from deployments.scheduling.discarding import discard_future
from deployments.scheduling.planner import fill


def replan(
    deployment: Deployment, *, now: datetime, identity: str | None = None
) -> None:
    """Take back what lies ahead and plan it anew: all, or what one schedule made.

    The caller holds the deployment's lock. A bounded batch is made here; the planner
    of this process is woken for the rest.
    """
    discard_future(deployment, now=now, identity=identity)
    plan_here(deployment, now=now)


def plan_here(
    deployment: Deployment,
    *,
    now: datetime,
    schedules: Sequence[Schedule] | None = None,
) -> None:
    """Plan what is not planned.

    The caller holds the deployment's lock, and may know all its schedules.
    """
    if fill([deployment], now=now, schedules=schedules).room <= 0:
        transaction.on_commit(lambda: wake(FRESH))
