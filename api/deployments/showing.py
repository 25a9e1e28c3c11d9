"""Deployments as the wire shows them, read in as few queries as there are tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from api.deployments.shapes import DeploymentResponse
from concurrency import slots
from deployments.models import Deployment, Schedule


def shown(rows: Iterable[Deployment], now: datetime) -> list[DeploymentResponse]:
    """Rows read `with_place`."""
    found = list(rows)
    schedules = _schedules([row.pk for row in found])
    limits = {row.concurrency_limit_id for row in found if row.concurrency_limit_id}
    used = slots.in_use(limits, now)
    return [
        DeploymentResponse.of(row, schedules.get(row.pk, []), used=used, now=now)
        for row in found
    ]


def _schedules(ids: list[UUID]) -> dict[UUID, list[Schedule]]:
    """By deployment, the one changed last first."""
    found: dict[UUID, list[Schedule]] = {}
    rows = (
        Schedule.objects.filter(deployment__in=ids) if ids else Schedule.objects.none()
    )
    for row in rows.order_by("-updated", "-id"):
        found.setdefault(row.deployment_id, []).append(row)
    return found
