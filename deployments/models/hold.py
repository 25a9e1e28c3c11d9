"""An operator's word that a deployment or one of its schedules rests."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.models import Row
from deployments.querysets import PartManager


class Hold(Row):
    """Stays until an operator lifts it, whatever is deployed meanwhile."""

    deployment = models.ForeignKey(
        "Deployment", on_delete=models.CASCADE, related_name="holds", db_index=False
    )
    schedule_identity = models.CharField(max_length=1024, null=True)  # null: all
    reason = models.TextField(default="", blank=True)
    created_by = models.JSONField(null=True)

    objects: ClassVar[PartManager] = PartManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "deployment",
                name="orion_hold_deployment",
                condition=Q(schedule_identity__isnull=True),
            ),
            models.UniqueConstraint(
                "deployment", "schedule_identity", name="orion_hold_schedule"
            ),
        ]

    def __str__(self) -> str:
        what = self.schedule_identity or "all schedules"
        return f"hold of {what}"
