"""The table of loops: what each of them did last."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.clock import now


class LoopPulse(models.Model):
    """One loop in one process. Health asks for the freshest row of each name."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    process = models.CharField(max_length=200)  # host:pid
    started = models.DateTimeField(default=now)
    last_tick = models.DateTimeField(null=True)
    last_success = models.DateTimeField(null=True)
    last_error = models.TextField(default="")
    last_error_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("name", "process", name="orion_loop_process"),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.process}"
