"""Reads over runs that chain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
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

    def quiet(self, since: datetime) -> Self:
        """Running for long, and nobody promised signs of life or watches for them."""
        return self.filter(
            state_type=StateType.RUNNING,
            pulse__isnull=True,
            state_timestamp__lte=since,
        ).order_by("state_timestamp")

    def over(self, state: StateType, now: datetime) -> Self:
        """In this state for as long as it may last, longest first."""
        return self.filter(state_type=state, deadline__lte=now).order_by("deadline")

    def lapsed(self, now: datetime) -> Self:
        """Claimed, and the claim has run out; longest first."""
        found = self.filter(state_type=StateType.PENDING, claim_expires__lte=now)
        return found.without_beats(now).order_by("claim_expires")

    def unclaimed(self, since: datetime) -> Self:
        """Pending for long without a claim, and others could take it; longest first."""
        found = self.filter(
            Q(deployment__isnull=False) | Q(work_queue__isnull=False),
            state_type=StateType.PENDING,
            claim_expires__isnull=True,
            state_timestamp__lte=since,
        )
        return found.without_beats(since).order_by("state_timestamp")

    def without_beats(self, now: datetime) -> Self:
        """Without a process that lets hear of itself as it promised."""
        return self.exclude(
            pulse__interval_seconds__isnull=False, pulse__silent_from__gt=now
        )

    def by_start(self) -> Self:
        """With `started`: the real start, or the expected one."""
        return self.annotate(started=Coalesce("start_time", "expected_start_time"))


FlowRunManager = models.Manager.from_queryset(FlowRunQuerySet)
