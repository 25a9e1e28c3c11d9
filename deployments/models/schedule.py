"""A schedule of a deployment."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Row
from deployments.querysets import ScheduleManager


class Schedule(Row):
    """When to run. `schedule` has one of three shapes: interval, cron, rrule.

    The planner's cursor is stored here: it is reset whenever planned runs are removed.
    """

    deployment = models.ForeignKey(
        "Deployment", on_delete=models.CASCADE, related_name="schedules"
    )
    schedule = models.JSONField()
    active = models.BooleanField(default=True)
    parameters = models.JSONField(default=dict)
    slug = models.CharField(max_length=1024, null=True)
    catchup = models.BooleanField(default=False)
    max_active_runs = models.IntegerField(null=True)
    max_scheduled_runs = models.IntegerField(null=True)
    replaces = models.CharField(max_length=1024, null=True)
    planned_until = models.DateTimeField(null=True)  # the last instant planned
    plan_after = models.DateTimeField(null=True)  # when to plan on; null: never planned

    objects: ClassVar[ScheduleManager] = ScheduleManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("deployment", "slug", name="orion_schedule_slug"),
        ]
        indexes: ClassVar = [
            # the schedulers
            models.Index(
                fields=["plan_after", "deployment"],
                name="orion_schedule_plan_after",
                condition=models.Q(active=True),
            ),
        ]

    def __str__(self) -> str:
        return self.slug or str(self.id)
