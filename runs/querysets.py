"""Reads over runs that chain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models.functions import Coalesce

from core.querysets import OrionQuerySet
from runs.states import FINAL, SCHEDULED, StateType

if TYPE_CHECKING:
    from runs.models.flow_run import FlowRun  # noqa: F401 - named in the base


class FlowRunQuerySet(OrionQuerySet["FlowRun"]):
    """Flow runs."""

    def due(self, now: datetime) -> Self:
        """Scheduled and ready to start, oldest first."""
        return self.filter(
            state_type=StateType.SCHEDULED, next_scheduled_start_time__lte=now
        ).order_by("next_scheduled_start_time", "id")

    def overdue(self, now: datetime, *, grace: timedelta) -> Self:
        """Still named Scheduled although the start has passed by `grace`."""
        return self.due(now - grace).filter(state_name=SCHEDULED)

    def open(self) -> Self:
        """Not ended."""
        return self.exclude(state_type__in=FINAL)

    def children_of(self, ids: Iterable[UUID]) -> Self:
        """Runs whose parent task run belongs to one of the runs."""
        return self.filter(parent_task_run__flow_run__in=list(ids))

    def promised(self) -> Self:
        """Running, and somebody promised signs of life; with `pulse`."""
        return self.filter(
            state_type=StateType.RUNNING, pulse__isnull=False
        ).select_related("pulse")

    def by_start(self) -> Self:
        """With `started`: the real start, or the expected one."""
        return self.annotate(started=Coalesce("start_time", "expected_start_time"))


FlowRunManager = models.Manager.from_queryset(FlowRunQuerySet)
