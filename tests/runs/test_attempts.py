from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from runs.attempts import stretches

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = START + timedelta(seconds=100)


@dataclass
class State:
    type: str
    name: str
    timestamp: datetime


def history(*states: tuple[str, str, float]) -> list[State]:
    return [State(t, n, START + timedelta(seconds=s)) for t, n, s in states]


def told(*states: tuple[str, str, float]) -> list[tuple[str, float, bool]]:
    """Name, seconds and whether it is an attempt, of each stretch."""
    return [
        (part.name, part.seconds, part.is_attempt)
        for part in stretches(history(*states), NOW)
    ]


def test_a_retry_is_two_attempts_with_a_wait_between_them():
    assert told(
        ("PENDING", "Pending", 0),
        ("RUNNING", "Running", 1),
        ("SCHEDULED", "AwaitingRetry", 11),
        ("RUNNING", "Retrying", 41),
        ("COMPLETED", "Completed", 46),
    ) == [("Failed", 10, True), ("AwaitingRetry", 30, False), ("Completed", 5, True)]


def test_an_attempt_carries_the_state_it_led_to():
    assert told(("RUNNING", "Running", 0), ("CRASHED", "Crashed", 4)) == [
        ("Crashed", 4, True)
    ]


def test_what_runs_now_lasts_until_now():
    assert told(("PENDING", "Pending", 0), ("RUNNING", "Running", 40)) == [
        ("Running", 60, True)
    ]


def test_waiting_for_the_first_start_is_left_out():
    assert told(("SCHEDULED", "Scheduled", 0), ("PENDING", "Pending", 5)) == []


def test_a_cached_run_is_one_moment():
    assert told(("PENDING", "Pending", 0), ("COMPLETED", "Cached", 1)) == [
        ("Cached", 0, True)
    ]


def test_a_pause_is_a_wait():
    assert told(
        ("RUNNING", "Running", 0),
        ("PAUSED", "Paused", 10),
        ("RUNNING", "Resuming", 30),
        ("COMPLETED", "Completed", 35),
    ) == [("Running", 10, True), ("Paused", 20, False), ("Completed", 5, True)]
