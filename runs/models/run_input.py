"""What people and other runs hand to a flow run while it runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Row


class RunInput(Row):
    """A value under a key, for instance the answer to a pause."""

    flow_run = models.ForeignKey(
        "FlowRun", on_delete=models.CASCADE, db_index=False, related_name="inputs"
    )
    key = models.CharField(max_length=1024)
    value = models.TextField()
    sender = models.CharField(max_length=1024, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("flow_run", "key", name="orion_run_input_key"),
        ]

    def __str__(self) -> str:
        return self.key
