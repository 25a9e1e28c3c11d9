"""The tables of states: the history of every run."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.ids import uuid7
from core.querysets import OrionManager
from runs.states import StateType


class State(models.Model):
    """One state a run was in. Rows are written once and never changed.

    `details` holds the wire's `state_details`, only the keys that say something.
    A result's metadata is an artifact, and `result` links to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    timestamp = models.DateTimeField()
    type = models.CharField(max_length=20, choices=StateType.choices)
    name = models.CharField(max_length=1024)
    message = models.TextField(null=True)
    details = models.JSONField(default=dict)
    result = models.ForeignKey(
        "orion_artifacts.Artifact",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class FlowRunState(State):
    """A state of a flow run."""

    flow_run = models.ForeignKey(
        "FlowRun", on_delete=models.CASCADE, db_index=False, related_name="states"
    )

    objects = OrionManager()

    class Meta:
        indexes: ClassVar = [
            # the history of a run
            models.Index(
                fields=["flow_run", "timestamp"], name="orion_flow_run_history"
            ),
        ]


class TaskRunState(State):
    """A state of a task run."""

    task_run = models.ForeignKey(
        "TaskRun", on_delete=models.CASCADE, db_index=False, related_name="states"
    )

    objects = OrionManager()

    class Meta:
        indexes: ClassVar = [
            # the history of a run
            models.Index(
                fields=["task_run", "timestamp"], name="orion_task_run_history"
            ),
        ]
