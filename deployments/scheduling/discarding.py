"""Taking planned runs back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Case, F, Q, When

from deployments.models import Deployment
from events.hub import hint
from runs.models import FlowRun
from runs.states import SCHEDULED, StateType


def discard_future(
    deployment: Deployment, *, now: datetime, identity: str | None = None
) -> int:
    """Delete the runs that a schedule made, that lie ahead and that nobody touched.

    Runs that are due or Late stay. What lies ahead is undecided again. The caller holds
    the deployment's lock; runs that somebody is claiming right now are theirs.
    """
    planned = FlowRun.objects.filter(
        deployment=deployment,
        auto_scheduled=True,
        state_type=StateType.SCHEDULED,
        state_name=SCHEDULED,
        run_count=0,
        next_scheduled_start_time__gt=now,
    )
    rows = deployment.schedules.all()
    if identity is not None:
        planned = planned.filter(schedule_identity=identity)
        rows = rows.filter(identity=identity)
    beyond = When(Q(planned_until__gt=now), then=now)
    rows.update(planned_until=Case(beyond, default=F("planned_until")), plan_after=None)
    return _delete(list(planned.claimable().values_list("pk", flat=True)))


def discard_scheduled(deployment: Deployment) -> int:
    """Delete every run that has not started: the deployment is about to go."""
    waiting = FlowRun.objects.filter(
        deployment=deployment, state_type=StateType.SCHEDULED
    )
    return _delete(list(waiting.claimable().values_list("pk", flat=True)))


def _delete(ids: list[UUID]) -> int:
    if ids:
        FlowRun.objects.filter(pk__in=ids).delete()
        hint("runs")
    return len(ids)
