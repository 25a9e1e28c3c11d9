"""What flow runs and task runs have in common."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from core.models import Owned
from runs.states import FINAL, StateType

if TYPE_CHECKING:
    from runs.orchestration.transition import StateValue


class Run(Owned):
    """A run, its present state in columns of its own, and its times.

    The state columns repeat the row that `state_id` points at, so that lists and
    loops need no join. Only `runs.orchestration.writer` changes them.
    """

    name = models.CharField(max_length=1024)
    tags = models.JSONField(default=list)
    labels = models.JSONField(default=dict)
    empirical_policy = models.JSONField(default=dict)

    state_id = models.UUIDField(null=True)
    state_type = models.CharField(max_length=20, choices=StateType.choices, null=True)
    state_name = models.CharField(max_length=1024, null=True)
    state_timestamp = models.DateTimeField(null=True)

    run_count = models.IntegerField(default=0)
    expected_start_time = models.DateTimeField(null=True)
    next_scheduled_start_time = models.DateTimeField(null=True)
    start_time = models.DateTimeField(null=True)
    end_time = models.DateTimeField(null=True)
    total_run_time = models.FloatField(default=0.0)  # seconds

    state: StateValue | None = None  # filled by `runs.current.attach_states`

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.state_type in FINAL

    def estimated_run_time(self, now: datetime) -> float:
        """Seconds spent running so far."""
        return estimated_run_time(
            self.total_run_time, self.state_type, self.state_timestamp, now
        )

    def lateness(self, now: datetime) -> float:
        """Seconds between the expected and the real start (or now)."""
        return lateness(self.start_time, self.expected_start_time, self.end_time, now)


def estimated_run_time(
    total: float, state_type: str | None, since: datetime | None, now: datetime
) -> float:
    """`total` seconds, plus the time in the present RUNNING state."""
    if state_type == StateType.RUNNING and since is not None:
        return total + max(0.0, (now - since).total_seconds())
    return total


def lateness(
    start: datetime | None,
    expected: datetime | None,
    end: datetime | None,
    now: datetime,
) -> float:
    """Seconds late: of the start, or so far when it has neither started nor ended."""
    if expected is None:
        return 0.0
    if start is not None:
        return max(0.0, (start - expected).total_seconds())
    if end is None:
        return max(0.0, (now - expected).total_seconds())
    return 0.0
