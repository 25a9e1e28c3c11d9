"""Signs of life of flow runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models

from core.conf import conf
from core.querysets import OrionManager


class Pulse(models.Model):
    """When a running flow run was last heard of, and by whom.

    With an interval somebody promised to beat, and silence means an end. Without one
    silence means nothing: the run is only suspect. The row goes when the run ends.
    """

    flow_run = models.OneToOneField(
        "FlowRun", on_delete=models.CASCADE, primary_key=True, related_name="pulse"
    )
    last_seen = models.DateTimeField()
    interval_seconds = models.FloatField(null=True)  # None: nobody promised to beat
    silent_from = models.DateTimeField()  # when silence begins to say something
    source = models.CharField(max_length=1024)  # who beat last
    host = models.CharField(max_length=1024, null=True)
    pid = models.IntegerField(null=True)
    beat = models.DateTimeField(null=True)  # the last beat, by its sender's clock
    ended = models.DateTimeField(null=True)  # when the agent saw the process end
    exit_code = models.IntegerField(null=True)
    suspect_since = models.DateTimeField(null=True)

    objects = OrionManager()

    class Meta:
        indexes: ClassVar = [
            # the loop that looks for silence
            models.Index(fields=["silent_from"], name="orion_pulse_silent"),
        ]

    def __str__(self) -> str:
        return f"{self.source} at {self.last_seen}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Work out when silence begins to mean something."""
        if self.silent_from is None:
            self.silent_from = silent_from(self.last_seen, self.interval_seconds)
        super().save(*args, **kwargs)


def silent_from(seen: datetime, interval: float | None) -> datetime:
    """When silence since `seen` is long enough to mean something."""
    if interval is None:
        return seen + conf.suspect_after
    return (
        seen
        + timedelta(seconds=interval) * conf.heartbeat_misses
        + (conf.heartbeat_slack)
    )
