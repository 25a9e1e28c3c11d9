"""The table of task runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from runs.models.run import Run


class TaskRun(Run):
    """One call of a task, or the placeholder that mirrors a subflow in its parent."""

    flow_run = models.ForeignKey(
        "FlowRun",
        on_delete=models.CASCADE,
        null=True,
        db_index=False,
        related_name="task_runs",
    )
    task_key = models.CharField(max_length=1024)
    dynamic_key = models.CharField(max_length=1024)
    cache_key = models.TextField(null=True)
    cache_expiration = models.DateTimeField(null=True)
    task_version = models.CharField(max_length=1024, null=True)
    task_inputs = models.JSONField(default=dict)
    flow_run_run_count = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            # the task runs of a flow run are read by this one, too
            models.UniqueConstraint(
                "flow_run",
                "task_key",
                "dynamic_key",
                name="orion_task_run_natural_key",
                condition=Q(flow_run__isnull=False),
            ),
            models.UniqueConstraint(
                "task_key",
                "dynamic_key",
                name="orion_task_run_free_key",
                condition=Q(flow_run__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            # lists over all task runs, newest first
            models.Index(
                fields=["expected_start_time", "id"], name="orion_task_run_expected"
            ),
        ]
