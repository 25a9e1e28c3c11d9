"""Why: the decisions of the transition engine that did more than accept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.clock import now
from core.ids import uuid7
from core.querysets import OrionManager


class Decision(models.Model):
    """One verdict: which rule, on which facts, about which proposal."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created = models.DateTimeField(default=now)
    flow_run = models.ForeignKey(
        "FlowRun",
        on_delete=models.CASCADE,
        null=True,
        db_index=False,
        related_name="decisions",
    )
    task_run = models.ForeignKey(
        "TaskRun",
        on_delete=models.CASCADE,
        null=True,
        db_index=False,
        related_name="decisions",
    )
    policy = models.CharField(max_length=100)
    rule = models.CharField(max_length=100)
    verdict = models.CharField(max_length=10)  # ACCEPT, REJECT, WAIT, ABORT
    reason = models.TextField()
    facts = models.JSONField(default=dict)
    from_type = models.CharField(max_length=20, null=True)
    from_name = models.CharField(max_length=1024, null=True)
    to_type = models.CharField(max_length=20, null=True)  # what was proposed
    to_name = models.CharField(max_length=1024, null=True)
    state_id = models.UUIDField(null=True)  # the state that was written, if any
    actor = models.CharField(max_length=200)

    objects = OrionManager()

    class Meta:
        indexes: ClassVar = [
            # "why is this run in this state", newest first
            models.Index(
                fields=["flow_run", "created"],
                name="orion_decision_flow_run",
                condition=models.Q(flow_run__isnull=False),
            ),
            models.Index(
                fields=["task_run", "created"],
                name="orion_decision_task_run",
                condition=models.Q(task_run__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.rule}: {self.reason}"
