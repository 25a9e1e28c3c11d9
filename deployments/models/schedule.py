"""A schedule of a deployment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from core.models import Row
from deployments.querysets import ScheduleManager
from deployments.scheduling.identity import identity_of

CODE_FIELDS = (
    "schedule",
    "active",
    "parameters",
    "slug",
    "catchup",
    "max_active_runs",
    "max_scheduled_runs",
    "replaces",
    "starts_at",
    "ends_at",
    "calendars",
    "catchup_policy",
    "catchup_seconds",
    "overlap_policy",
    "overlap_queue",
)


class Catchup(models.TextChoices):
    """What becomes of instants that were missed while no scheduler ran."""

    NONE = "none", "leave them out"
    LATEST = "latest", "make the latest"
    ALL = "all", "make all of them"


class Overlap(models.TextChoices):
    """What becomes of a due run while `max_active_runs` others are active."""

    ALLOW = "allow", "start it; with a maximum, let it wait"
    QUEUE = "queue", "let it wait, so many at most"
    SKIP = "skip", "skip it"
    REPLACE = "replace", "cancel the oldest active one"


class Schedule(Row):
    """When to run. `schedule` has one of three shapes: interval, cron, rrule.

    `identity` names the schedule in its runs and holds; it outlives redeploys and
    edits. The planner's cursor says up to which instant everything is decided.
    """

    deployment = models.ForeignKey(
        "Deployment", on_delete=models.CASCADE, related_name="schedules"
    )
    identity = models.CharField(max_length=1024, default="")
    schedule = models.JSONField()
    active = models.BooleanField(default=True)
    parameters = models.JSONField(default=dict)
    slug = models.CharField(max_length=1024, null=True)
    catchup = models.BooleanField(default=False)
    max_active_runs = models.IntegerField(null=True)
    max_scheduled_runs = models.IntegerField(null=True)
    replaces = models.CharField(max_length=1024, null=True)
    starts_at = models.DateTimeField(null=True)  # no instant before
    ends_at = models.DateTimeField(null=True)  # no instant after
    calendars = models.JSONField(default=list)  # names: no instant while one is closed
    catchup_policy = models.CharField(
        max_length=32, choices=Catchup.choices, default=Catchup.NONE
    )
    catchup_seconds = models.FloatField(null=True)  # how far back; null: the default
    overlap_policy = models.CharField(
        max_length=32, choices=Overlap.choices, default=Overlap.ALLOW
    )
    overlap_queue = models.IntegerField(null=True)  # how many may wait; null: any
    deployed = models.JSONField(null=True)  # fields as the code has them, once edited
    is_stale = models.BooleanField(default=False)  # take back what is planned first
    planned_until = models.DateTimeField(null=True)  # all up to here is decided
    plan_after = models.DateTimeField(null=True)  # when to plan on; null: at once

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
            # the loop that settles overlaps; hand-out within the maximum
            models.Index(
                fields=["deployment", "identity"],
                name="orion_schedule_limited",
                condition=models.Q(max_active_runs__isnull=False),
            ),
        ]

    def is_in_need(self, now: datetime) -> bool:
        """Whether it is to be planned: as the querysets' `in_need`."""
        is_dry = self.plan_after is None or self.plan_after < now
        return self.active and is_dry

    def __str__(self) -> str:
        return self.slug or str(self.id)

    def save(self, **kwargs: Any) -> None:
        """Save; a new schedule gets its identity."""
        self.identity = self.identity or self.own_identity
        super().save(**kwargs)

    @property
    def own_identity(self) -> str:
        """The identity it would get, were it deployed for the first time."""
        code = self.code
        return identity_of(code["slug"], code["schedule"], code["parameters"])

    @property
    def code(self) -> dict[str, Any]:
        """Its fields as they were deployed, without what operators edited."""
        now = {name: getattr(self, name) for name in CODE_FIELDS}
        return now | (self.deployed or {})
