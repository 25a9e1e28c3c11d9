"""The table of log lines."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models

from core.actor import DEFAULT_WORKSPACE
from core.clock import now
from core.querysets import OrionManager

_WIRE = 0x0F0F_0000_0000_8000_8000_0000_0000_0000


class Log(models.Model):
    """One line. Run ids are no foreign keys: lines may arrive before their run.

    The key is a plain number, which orders lines of one instant; the wire wants a
    UUID, so `wire_id` derives one from it.
    """

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.SmallIntegerField(default=DEFAULT_WORKSPACE)
    created = models.DateTimeField(default=now)
    name = models.CharField(max_length=1024)
    level = models.SmallIntegerField()
    message = models.TextField()
    timestamp = models.DateTimeField()
    flow_run_id = models.UUIDField(null=True)
    task_run_id = models.UUIDField(null=True)

    objects = OrionManager()

    class Meta:
        indexes: ClassVar = [
            # the log pages of a flow run and of a task run; logs across runs
            models.Index(
                fields=["flow_run_id", "timestamp"], name="orion_log_flow_run"
            ),
            models.Index(
                fields=["task_run_id", "timestamp"],
                name="orion_log_task_run",
                condition=models.Q(task_run_id__isnull=False),
            ),
            models.Index(fields=["timestamp"], name="orion_log_timestamp"),
        ]

    def __str__(self) -> str:
        return self.message[:80]

    @property
    def wire_id(self) -> UUID:
        """The id that the API shows."""
        return wire_id(self.pk)


def wire_id(id: int) -> UUID:
    """The UUID that stands for line number `id` on the wire (version 8)."""
    return UUID(int=_WIRE | (id & 0x3FFF_FFFF_FFFF_FFFF))
