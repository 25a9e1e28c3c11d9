"""How states look and read: class, icon, word, gist; the counters' five groups."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runs.states import (
    ACTIVE,
    CACHED,
    DONE,
    LATE,
    PROBLEM,
    WAITING,
    StateType,
)


@dataclass(frozen=True, slots=True)
class Look:
    """The CSS class that carries the colours, and the icon."""

    kind: str
    icon: str


BY_TYPE = {
    StateType.SCHEDULED: Look("scheduled", "clock"),
    StateType.PENDING: Look("pending", "ellipsis"),
    StateType.RUNNING: Look("running", "play"),
    StateType.PAUSED: Look("paused", "pause"),
    StateType.COMPLETED: Look("completed", "check"),
    StateType.FAILED: Look("failed", "x"),
    StateType.CRASHED: Look("crashed", "zap"),
    StateType.CANCELLING: Look("cancelling", "stop-dots"),
    StateType.CANCELLED: Look("cancelled", "ban"),
}
BY_NAME = {
    LATE: Look("late", "clock-alert"),
    CACHED: Look("cached", "bolt-check"),
}
UNKNOWN = Look("pending", "ellipsis")

# What pools, queues, workers, deployments, back-fills and loops show: a status is no
# state.
BY_STATUS = {
    "READY": ("Ready", Look("completed", "check")),
    "NOT_READY": ("Not ready", Look("late", "clock-alert")),
    "PAUSED": ("Paused", Look("paused", "pause")),
    "HELD": ("On hold", Look("paused", "pause")),
    "ACTIVE": ("Active", Look("completed", "check")),
    "RUNNING": ("Running", Look("running", "play")),
    "DONE": ("Done", Look("completed", "check")),
    "CANCELLED": ("Cancelled", Look("cancelled", "ban")),
    "ONLINE": ("Online", Look("completed", "check")),
    "OFFLINE": ("Offline", Look("cancelled", "ban")),
    "WELL": ("Well", Look("completed", "check")),
    "NEW": ("Starting", Look("pending", "ellipsis")),
    "BEHIND": ("Behind", Look("late", "clock-alert")),
    "FAILING": ("Failing", Look("failed", "x")),
    "STANDING": ("Stands still", Look("failed", "triangle-alert")),
}

# What people call states whose names are written for programs.
WORDS = {
    "AwaitingRetry": "Awaiting retry",
    "AwaitingConcurrencySlot": "Awaiting slot",
    "TimedOut": "Timed out",
    "NotReady": "Not ready",
    "RolledBack": "Rolled back",
}


def look(type: str | None, name: str | None) -> Look:
    """The look of a state; names without one inherit that of their type."""
    if name in BY_NAME:
        return BY_NAME[name]
    return BY_TYPE[StateType(type)] if type in BY_TYPE else UNKNOWN


def word(type: str | None, name: str | None) -> str:
    """The word on a badge."""
    shown = name or (type or "no state").capitalize()
    return WORDS.get(shown, shown)


_BOILERPLATE = re.compile(r"^(?:Flow|Task) run encountered an exception:?\s*")


def first_line(text: str | None) -> str:
    """The first line that says something."""
    lines = (line.strip() for line in (text or "").splitlines())
    return next((line for line in lines if line), "")[:300]


def gist(text: str | None) -> str:
    """The first line without the words that every failure begins with."""
    return _BOILERPLATE.sub("", first_line(text))


@dataclass(frozen=True, slots=True)
class Group:
    """One of the counters: its title, its look, and the address filter behind it."""

    key: str
    title: str
    look: str
    states: tuple[str, ...]


def _types(types: frozenset[StateType]) -> tuple[str, ...]:
    return tuple(type.value for type in StateType if type in types)


GROUPS = (
    Group("problem", "Problem", "failed", _types(PROBLEM)),
    Group("active", "Active", "running", _types(ACTIVE)),
    Group("waiting", "Waiting", "scheduled", _types(WAITING)),
    Group("late", "Late", "late", (LATE,)),
    Group("done", "Done", "completed", _types(DONE)),
)


def group(type: str | None, name: str | None) -> str:
    """The counter that a run in this state belongs to."""
    if name == LATE:
        return "late"
    return next((one.key for one in GROUPS if type in one.states), "waiting")
