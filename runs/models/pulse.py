"""Signs of life of flow runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from core.conf import conf
from core.querysets import OrionManager


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

    objects = OrionManager()

    class Meta:
        indexes: ClassVar = [
            # the loop that looks for silence
            models.Index(fields=["last_seen"], name="orion_pulse_last_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.source} at {self.last_seen}"

    def silent_from(self, seen: datetime) -> datetime:
        """When silence since `seen` is long enough to mean an end."""
        promised = timedelta(seconds=self.interval_seconds)
        return seen + promised * conf.heartbeat_misses + conf.heartbeat_slack
