"""Reads over deployments and schedules that chain."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db.models import Q

from core.querysets import OrionManager, OrionQuerySet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


class DeploymentQuerySet(OrionQuerySet[Any]):
    """Deployments."""

    def with_place(self) -> Self:
        """With queue, pool and limit, as they are shown."""
        return self.select_related("work_queue__pool", "concurrency_limit")


class DeploymentManager(OrionManager.from_queryset(DeploymentQuerySet)):  # type: ignore[misc]
    """The manager of deployments."""


class ScheduleQuerySet(OrionQuerySet[Any]):
    """Schedules; they belong to their deployment's workspace."""

    workspace_path: ClassVar[str] = "deployment__workspace_id"

    def at_work(self) -> Self:
        """Active, of deployments that are not paused."""
        return self.filter(active=True, deployment__paused=False)

    def in_need(self, now: datetime) -> Self:
        """Active, and never planned or running dry."""
        dry = Q(plan_after__isnull=True) | Q(plan_after__lt=now)
        return self.filter(dry, active=True).order_by("id")

    def fresh(self) -> Self:
        """At work, and never planned since they were made or reset."""
        return self.at_work().filter(plan_after__isnull=True)

    def running_dry(self, now: datetime) -> Self:
        """At work, planned before, and in need of more runs."""
        return self.at_work().filter(plan_after__lt=now)

    def deployments(self, n: int, *, without: Iterable[object] = ()) -> list[UUID]:
        """The first `n` ids of the deployments they belong to."""
        rows = self.exclude(deployment__in=list(without)).order_by("deployment_id")
        return list(rows.values_list("deployment_id", flat=True).distinct()[:n])


class ScheduleManager(OrionManager.from_queryset(ScheduleQuerySet)):  # type: ignore[misc]
    """The manager of schedules."""


class PartQuerySet(OrionQuerySet[Any]):
    """Rows that belong to their deployment's workspace."""

    workspace_path: ClassVar[str] = "deployment__workspace_id"


class PartManager(OrionManager.from_queryset(PartQuerySet)):  # type: ignore[misc]
    """The manager of a deployment's parts."""
