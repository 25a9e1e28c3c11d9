"""Signs of life of flow runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.querysets import OrionQuerySet


class Pulse(models.Model):
    """When a running flow run was last heard of, and by whom.

    A row exists only once somebody promised to beat: without one, silence means
    nothing. It goes when the run ends.
    """

    flow_run = models.OneToOneField(
        "FlowRun", on_delete=models.CASCADE, primary_key=True, related_name="pulse"
    )
    last_seen = models.DateTimeField()
    interval_seconds = models.FloatField()
    source = models.CharField(max_length=1024)  # who beat last
    host = models.CharField(max_length=1024, null=True)
    pid = models.IntegerField(null=True)

    objects: ClassVar[models.Manager[Pulse]] = OrionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar = [
            # the loop that looks for silence
            models.Index(fields=["last_seen"], name="orion_pulse_last_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.source} at {self.last_seen}"
