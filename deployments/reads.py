"""Page-sized reads about deployments."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet

from deployments.models import Deployment, Schedule

_HEAVY = (
    "parameters",
    "parameter_openapi_schema",
    "job_variables",
    "pull_steps",
    "labels",
    "description",
    "work_queue__pool__base_job_template",
)


def for_table(deployments: QuerySet[Any]) -> QuerySet[Any]:
    """What a row of the list shows, by flow and name."""
    schedules = Schedule.objects.order_by("created", "id")
    return (
        deployments.select_related("flow", "work_queue__pool")
        .defer(*_HEAVY)
        .prefetch_related(Prefetch("schedules", schedules, to_attr="listed_schedules"))
        .order_by("flow__name", "name", "id")
    )


def per_flow(flow_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many deployments each flow has."""
    rows = (
        Deployment.objects.filter(flow__in=list(flow_ids))
        .order_by()
        .values_list("flow_id")
        .annotate(number=Count("pk"))
    )
    return dict(rows)
