"""State types, their groups, and the names that mean something."""

from __future__ import annotations

from django.db.models import TextChoices


class StateType(TextChoices):
    """What a run is in. The value is the wire's spelling."""

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"


FINAL = frozenset(
    {StateType.COMPLETED, StateType.FAILED, StateType.CANCELLED, StateType.CRASHED}
)
OPEN = frozenset(set(StateType) - FINAL)

# The groups that counters, charts and filters show.
PROBLEM = frozenset({StateType.FAILED, StateType.CRASHED})
ACTIVE = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})
WAITING = frozenset({StateType.SCHEDULED, StateType.PAUSED})
DONE = frozenset({StateType.COMPLETED, StateType.CANCELLED})

LATE = "Late"
SCHEDULED = "Scheduled"
AWAITING_RETRY = "AwaitingRetry"
AWAITING_SLOT = "AwaitingConcurrencySlot"
RESUMING = "Resuming"
RETRYING = "Retrying"
RERUNNING = "Rerunning"
SUSPENDED = "Suspended"
NOT_READY = "NotReady"
CACHED = "Cached"
TIMED_OUT = "TimedOut"
UNREPORTED = "Unreported"


def default_name(type: str) -> str:
    """The name of a state that was given none."""
    return type.capitalize()
