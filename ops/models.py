"""The tables of loops, what each did last, and of counted transitions."""

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
    lag = models.DurationField(null=True)  # of the oldest due work, at the last tick

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("name", "process", name="orion_loop_process"),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.process}"


class TransitionCount(models.Model):
    """How many transitions of a kind of runs to a state type were ever counted."""

    kind = models.CharField(max_length=20)  # flow_run, task_run
    state_type = models.CharField(max_length=20)
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "kind", "state_type", name="orion_transition_count_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.state_type}: {self.number}"


class CountedUpTo(models.Model):
    """One row: the place in the feed up to which transitions were counted.

    `seen` was the newest event at `seen_at`; by the next tick, what was then on its
    way with a lower number has arrived.
    """

    counted = models.BigIntegerField()
    seen = models.BigIntegerField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"event {self.counted}"
