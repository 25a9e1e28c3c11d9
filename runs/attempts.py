"""A run's states as stretches of time: waits, attempts, and how each attempt ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from runs.states import AWAITING_RETRY, FINAL, StateType


class StateLike(Protocol):
    """What a stretch is made from."""

    type: str
    name: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one state to the next. An attempt carries the state it led to."""

    start: datetime
    end: datetime
    type: str
    name: str
    is_attempt: bool

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.end - self.start).total_seconds()


def stretches(states: Sequence[StateLike], now: datetime) -> list[Stretch]:
    """The stretches in order; the last one of an open run lasts until `now`.

    Waiting for the first start is left out: it says nothing about the work.
    """
    found: list[Stretch] = []
    for n, state in enumerate(states):
        following = states[n + 1] if n + 1 < len(states) else None
        end = following.timestamp if following else max(now, state.timestamp)
        if state.type in FINAL:
            if not found and following is None:  # cached, or never ran
                found.append(_stretch(state, state.timestamp, state, attempt=True))
            continue
        if state.type == StateType.RUNNING:
            outcome = _outcome(following, state)
            found.append(_stretch(state, end, outcome, attempt=True))
        elif found:
            found.append(_stretch(state, end, state, attempt=False))
    return found


def _outcome(following: StateLike | None, state: StateLike) -> StateLike:
    if following is None:
        return state
    if following.name == AWAITING_RETRY:
        return _Failed(following)
    return following if following.type in FINAL else state


class _Failed:
    """A failure that AwaitingRetry took the place of."""

    type: str = StateType.FAILED
    name: str = "Failed"

    def __init__(self, state: StateLike) -> None:
        self.timestamp = state.timestamp


def _stretch(
    state: StateLike, end: datetime, shown: StateLike, *, attempt: bool
) -> Stretch:
    return Stretch(state.timestamp, end, shown.type, shown.name, attempt)
