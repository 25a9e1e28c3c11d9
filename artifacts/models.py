"""The table of artifacts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned


class Artifact(Owned):
    """Something a run left behind: a result's metadata, a table, a link, a text."""

    key = models.CharField(max_length=1024, null=True)
    type = models.CharField(max_length=100, null=True)
    description = models.TextField(null=True)
    data = models.JSONField(null=True)
    metadata = models.JSONField(null=True)
    flow_run_id = models.UUIDField(null=True)
    task_run_id = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            # the artifacts of a run; what a deleted run leaves behind
            models.Index(
                fields=["flow_run_id"],
                name="orion_artifact_flow_run",
                condition=models.Q(flow_run_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key or str(self.id)
