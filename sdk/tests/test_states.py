from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orion import states
from orion.exceptions import (
    CancelledRun,
    CrashedRun,
    FailedRun,
    MissingResult,
    PausedRun,
    UnfinishedRun,
)
from orion.states import State, from_wire

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "type", "name", "is_final"),
    [
        (states.Scheduled(NOW), "SCHEDULED", "Scheduled", False),
        (states.Late(), "SCHEDULED", "Late", False),
        (states.AwaitingRetry(NOW), "SCHEDULED", "AwaitingRetry", False),
        (
            states.AwaitingConcurrencySlot(),
            "SCHEDULED",
            "AwaitingConcurrencySlot",
            False,
        ),
        (states.Pending(), "PENDING", "Pending", False),
        (states.Running(), "RUNNING", "Running", False),
        (states.Retrying(), "RUNNING", "Retrying", False),
        (states.Paused(5), "PAUSED", "Paused", False),
        (states.Suspended(5), "PAUSED", "Suspended", False),
        (states.Cancelling(), "CANCELLING", "Cancelling", False),
        (states.Completed(), "COMPLETED", "Completed", True),
        (states.Skipped(), "COMPLETED", "Skipped", True),
        (states.Failed(), "FAILED", "Failed", True),
        (states.Crashed(), "CRASHED", "Crashed", True),
        (states.Cancelled(), "CANCELLED", "Cancelled", True),
    ],
    ids=lambda value: value.name if isinstance(value, State) else "",
)
def test_each_name_has_its_type(
    state: State[Any], type: str, name: str, is_final: bool
) -> None:
    assert (state.type, state.name, state.is_final()) == (type, name, is_final)
    assert getattr(state, f"is_{type.lower()}")()


def test_scheduled_states_know_their_time() -> None:
    assert states.AwaitingRetry(NOW).scheduled_time == NOW
    assert states.Scheduled().scheduled_time is not None


def test_a_completed_state_has_its_value() -> None:
    assert states.Completed(data=3).result() == 3
    assert asyncio.run(states.Completed(data=3).aresult()) == 3


def test_a_failed_state_raises_the_same_exception() -> None:
    error = ValueError("no")
    state = states.Failed(data=error)

    assert state.result(raise_on_failure=False) is error
    with pytest.raises(ValueError, match="no") as caught:
        state.result()
    assert caught.value is error


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (states.Failed(message="why"), FailedRun),
        (states.Crashed(message="why"), CrashedRun),
        (states.Cancelled(message="why"), CancelledRun),
        (states.Paused(message="why"), PausedRun),
        (states.Running(message="why"), UnfinishedRun),
    ],
    ids=lambda value: value.name if isinstance(value, State) else "",
)
def test_states_without_exception_raise_one(
    state: State[Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match="why"):
        state.result()


def test_a_state_from_the_wire_says_that_its_value_is_not_here() -> None:
    body = {"type": "COMPLETED", "name": "Completed", "timestamp": NOW.isoformat()}

    with pytest.raises(MissingResult, match="persist_result"):
        from_wire(body).result()
    assert from_wire({**body, "data": {"type": "literal", "value": 4}}).result() == 4


def test_times_from_the_wire_are_understood() -> None:
    due = NOW + timedelta(seconds=3)
    body = {
        "type": "SCHEDULED",
        "timestamp": NOW.isoformat(),
        "state_details": {"scheduled_time": due.isoformat()},
    }

    state = from_wire(body)

    assert state.scheduled_time == due
    assert state.timestamp == NOW
