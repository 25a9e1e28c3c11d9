"""The runs of a schedule for a span of the past, made a few at a time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Row
from deployments.querysets import PartManager


class BackfillStatus(models.TextChoices):
    """What a back-fill is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class Reprocess(models.TextChoices):
    """Which instants of the span get a run."""

    MISSING = "missing", "those without a run"
    FAILED = "failed", "those without a run that succeeded or may still do"
    ALL = "all", "every one"


class Backfill(Row):
    """A span of a schedule that somebody wants made; its runs name it."""

    deployment = models.ForeignKey(
        "Deployment", on_delete=models.CASCADE, related_name="backfills"
    )
    schedule_identity = models.CharField(max_length=1024)
    schedule = models.JSONField()  # its shape and calendars when this was asked for
    calendars = models.JSONField(default=list)
    start = models.DateTimeField()
    end = models.DateTimeField()
    limit = models.IntegerField(default=1)  # runs that are open at the same time
    reprocess = models.CharField(
        max_length=32, choices=Reprocess.choices, default=Reprocess.MISSING
    )
    parameters = models.JSONField(default=dict)
    status = models.CharField(
        max_length=32, choices=BackfillStatus.choices, default=BackfillStatus.RUNNING
    )
    made_until = models.DateTimeField(null=True)  # the last instant decided
    created_by = models.JSONField(null=True)

    objects: ClassVar[PartManager] = PartManager()

    class Meta:
        indexes: ClassVar = [
            # the loop that feeds them
            models.Index(
                fields=["updated"],
                name="orion_backfill_running",
                condition=models.Q(status="running"),
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it may still make runs."""
        return self.status in (BackfillStatus.RUNNING, BackfillStatus.PAUSED)

    def __str__(self) -> str:
        return f"back-fill {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"
