"""One of our own agents, known by its heartbeats."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned


class Agent(Owned):
    """An agent and what it said last; the runs it vouches for are in `runs.Pulse`."""

    name = models.CharField(max_length=1024)
    host = models.CharField(max_length=1024)
    pid = models.IntegerField()
    boot_id = models.CharField(max_length=200, null=True)
    work_pool = models.CharField(max_length=1024, null=True)
    work_queues = models.JSONField(default=list)
    last_heartbeat = models.DateTimeField()
    interval_seconds = models.FloatField()
    limit = models.IntegerField(null=True)  # runs it takes at once, as it says
    busy = models.IntegerField(default=0)  # runs it had then

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workspace", "name", name="orion_agent_name"),
        ]

    def __str__(self) -> str:
        return self.name
