"""Deployments as the wire shows them, read in as few queries as there are tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from api.deployments.shapes import DeploymentResponse
from concurrency import slots
from deployments.models import Deployment, Schedule


def shown(
    rows: Iterable[Deployment],
    now: datetime,
    *,
    schedules: Iterable[Schedule] | None = None,
) -> list[DeploymentResponse]:
    """Rows read `with_place`; their schedules are looked up unless they are given."""
    found = list(rows)
    if schedules is None:
        ids = [row.pk for row in found]
        schedules = Schedule.objects.filter(deployment__in=ids) if ids else ()
    of_each = _by_deployment(schedules)
    limits = {row.concurrency_limit_id for row in found if row.concurrency_limit_id}
    used = slots.in_use(limits, now)
    return [
        DeploymentResponse.of(row, of_each.get(row.pk, []), used=used, now=now)
        for row in found
    ]


def _by_deployment(rows: Iterable[Schedule]) -> dict[UUID, list[Schedule]]:
    """The one changed last first."""
    found: dict[UUID, list[Schedule]] = {}
    for row in sorted(rows, key=lambda row: (row.updated, row.pk), reverse=True):
        found.setdefault(row.deployment_id, []).append(row)
    return found
