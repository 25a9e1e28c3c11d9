"""A worker that announced itself to a pool."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Row
from work_pools.querysets import WorkerManager


class Worker(Row):
    """Online is a question: has it been heard of within three intervals?"""

    pool = models.ForeignKey(
        "WorkPool", on_delete=models.CASCADE, related_name="workers"
    )
    name = models.CharField(max_length=1024)
    last_heartbeat = models.DateTimeField(null=True)
    heartbeat_interval_seconds = models.FloatField(null=True)

    objects: ClassVar[WorkerManager] = WorkerManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("pool", "name", name="orion_worker_name"),
        ]

    def __str__(self) -> str:
        return self.name
