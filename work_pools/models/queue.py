"""A work queue inside a pool."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Row
from work_pools.querysets import WorkQueueManager


class WorkQueue(Row):
    """Runs wait here until a worker or agent asks; 1 is the highest priority.

    `last_polled` moves at most once per interval, so that polls hardly write.
    """

    pool = models.ForeignKey(
        "WorkPool", on_delete=models.CASCADE, related_name="queues"
    )
    name = models.CharField(max_length=1024)
    description = models.TextField(default="", null=True)
    priority = models.IntegerField(default=1)
    is_paused = models.BooleanField(default=False)
    concurrency_limit = models.IntegerField(null=True)
    filter = models.JSONField(null=True)  # rules of classic agents' queues
    last_polled = models.DateTimeField(null=True)

    announced = models.CharField(max_length=20, default="")  # status told last

    objects: ClassVar[WorkQueueManager] = WorkQueueManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("pool", "name", name="orion_work_queue_name"),
        ]

    def __str__(self) -> str:
        return self.name
