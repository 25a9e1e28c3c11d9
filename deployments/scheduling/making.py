"""The runs of a schedule's instants, as nobody has touched them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from core.actor import SERVICE, Actor
from deployments.launching import labels
from deployments.models import Backfill, Deployment, Schedule
from deployments.scheduling.instants import Instants
from runs.orchestration.transition import Proposal, stamp
from runs.series import Series, key_at
from runs.services import NewFlowRun
from runs.states import StateType

AUTO_TAG = "auto-scheduled"
BACKFILL_TAG = "back-fill"
MESSAGE = "Flow run scheduled"
KINDS = {
    "interval": "IntervalSchedule",
    "cron": "CronSchedule",
    "rrule": "RRuleSchedule",
}


def acting_for(deployment: Deployment) -> Actor:
    """The server, in the deployment's workspace."""
    return replace(SERVICE, workspace_id=cast("int", deployment.workspace_id))


def key(deployment: Deployment, identity: str, instant: datetime) -> str:
    """What makes the run of an instant the only one."""
    return key_at(_stem(deployment, identity), instant)


def backfill_key(backfill: Backfill, instant: datetime) -> str:
    """What makes the run of an instant the only one of a back-fill."""
    return f"backfill {backfill.pk} {instant}"


def planned(
    deployment: Deployment,
    schedule: Schedule,
    instants: Instants,
    dates: Iterable[datetime],
) -> Series:
    """The runs of these instants, which follow each other."""
    pattern = NewFlowRun(
        **_takes_after(deployment, schedule.identity),
        parameters={**deployment.parameters, **schedule.parameters},
        tags=list(dict.fromkeys([AUTO_TAG, *deployment.tags])),
        auto_scheduled=True,
        created_by={
            "id": str(schedule.pk),
            "type": "SCHEDULE",
            "display_value": schedule.slug or _kind(schedule.schedule),
        },
    )
    stem = _stem(deployment, schedule.identity)
    return Series(pattern, stem, MESSAGE, list(instants.tiles(dates)))


def filled_in(
    backfill: Backfill,
    tiles: Iterable[tuple[datetime | None, datetime]],
    *,
    now: datetime,
) -> list[NewFlowRun]:
    """The runs of a back-fill for these spans; they are due when they are made."""
    deployment = backfill.deployment
    every = _takes_after(deployment, backfill.schedule_identity) | {
        "parameters": {**deployment.parameters, **backfill.parameters},
        "tags": list(dict.fromkeys([BACKFILL_TAG, *deployment.tags])),
        "backfill_id": backfill.pk,
        "created_by": {
            "id": str(backfill.pk),
            "type": "BACKFILL",
            "display_value": str(backfill),
        },
    }
    return [
        NewFlowRun(
            **every,
            idempotency_key=backfill_key(backfill, date),
            interval_start=before,
            interval_end=date,
            state=_due(now),
        )
        for before, date in tiles
    ]


def _stem(deployment: Deployment, identity: str) -> str:
    return f"scheduled {deployment.pk} {identity}"


def _takes_after(deployment: Deployment, identity: str) -> dict[str, Any]:
    """What all runs of a schedule have from their deployment."""
    return {
        "flow_id": deployment.flow_id,
        "deployment_id": deployment.pk,
        "deployment_version": deployment.version,
        "work_queue_id": deployment.work_queue_id,
        "work_queue_name": deployment.work_queue_name,
        "infrastructure_document_id": deployment.infrastructure_document_id,
        "labels": labels(deployment),
        "schedule_identity": identity,
    }


def _due(at: datetime) -> Proposal:
    return Proposal(
        StateType.SCHEDULED, message=MESSAGE, details={"scheduled_time": stamp(at)}
    )


def _kind(shape: Any) -> str:
    return next(kind for word, kind in KINDS.items() if word in shape)
