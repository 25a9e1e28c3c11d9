"""Why a due run has not been handed out: one row per waiting run."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from work_pools.querysets import WaitingManager


class Waiting(models.Model):
    """The reason that was found last; the row goes when the run no longer waits."""

    flow_run = models.OneToOneField(
        "orion_runs.FlowRun",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="waiting",
    )
    kind = models.CharField(max_length=50)  # see `why_not.Kind`
    sentence = models.TextField()
    object_kind = models.CharField(max_length=50)  # what is in the way
    object_id = models.UUIDField(null=True)
    object_name = models.CharField(max_length=1024)
    holders = models.JSONField(default=list)  # runs that hold the slots of a limit
    since = models.DateTimeField()

    objects: ClassVar[WaitingManager] = WaitingManager()

    def __str__(self) -> str:
        return self.sentence
