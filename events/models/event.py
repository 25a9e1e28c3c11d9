"""The feed: one row per thing that happened."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.actor import DEFAULT_WORKSPACE
from core.clock import now
from core.querysets import OrionManager


class Event(models.Model):
    """Something happened. `seq` orders the feed; readers keep the last one they saw.

    Rows of state transitions carry no body: the id is the state's id, and the state
    tells the rest. Rows sent by clients keep their whole frame in `body`.
    """

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)
    workspace_id = models.SmallIntegerField(default=DEFAULT_WORKSPACE)
    occurred = models.DateTimeField()
    received = models.DateTimeField(default=now)
    event = models.CharField(max_length=1024)
    resource_id = models.CharField(max_length=1024)
    flow_run_id = models.UUIDField(null=True)
    body = models.JSONField(null=True)

    objects = OrionManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["occurred"], name="orion_event_occurred"),  # retention
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.resource_id}"
