"""A work pool."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned
from core.querysets import OrionManager


class WorkPool(Owned):
    """A place where runs are executed, and the template of its jobs.

    Whether it is ready is a question to its workers' heartbeats, not a column.
    """

    name = models.CharField(max_length=1024)
    description = models.TextField(null=True)
    type = models.CharField(max_length=200, default="prefect-agent")
    base_job_template = models.JSONField(default=dict)
    is_paused = models.BooleanField(default=False)
    concurrency_limit = models.IntegerField(null=True)
    storage_configuration = models.JSONField(default=dict)
    default_queue = models.ForeignKey(
        "WorkQueue", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    announced = models.CharField(max_length=20, default="")  # status told last

    objects: ClassVar[OrionManager[WorkPool]] = OrionManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workspace", "name", name="orion_work_pool_name"),
        ]

    def __str__(self) -> str:
        return self.name
