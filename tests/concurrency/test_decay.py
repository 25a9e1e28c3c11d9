"""The arithmetic of limits over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from concurrency import decay
from concurrency.decay import Refusing

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "left"),
    [(0, 4), (0.49, 4), (0.5, 3), (1, 2), (1.9, 1), (2, 0), (100, 0)],
)
def test_slots_drain_one_after_the_other(seconds: float, left: int) -> None:
    until = decay.drain_end(None, 4, 2.0, NOW)

    assert decay.undrained(4, until, 2.0, after(seconds)) == left


def test_slots_taken_later_drain_after_those_that_are_draining() -> None:
    first = decay.drain_end(None, 2, 1.0, NOW)

    second = decay.drain_end(first, 3, 1.0, after(1))

    assert (first, second) == (after(2), after(5))
    assert decay.undrained(3, second, 1.0, after(1)) == 3


def test_a_drain_that_has_ended_is_no_queue() -> None:
    assert decay.drain_end(after(-10), 1, 1.0, NOW) == after(1)


@pytest.mark.parametrize(("seconds", "left"), [(0, 5), (1.9, 5), (2, 4), (99, 0)])
def test_refusals_are_forgotten_one_by_one(seconds: float, left: float) -> None:
    found = decay.refusals(5, NOW, after(seconds), decay=0, occupancy=2.0)

    assert found == left


def test_nothing_is_refused_before_the_first_refusal() -> None:
    assert decay.refusals(5, None, NOW, decay=0, occupancy=2.0) == 0


@pytest.mark.parametrize(
    ("limit", "slots", "capped", "seconds"),
    [
        (Refusing("a", 1, 0, 2.0, 0), 1, False, 2.0),
        (Refusing("a", 1, 0, 2.0, 3), 1, False, 8.0),
        (Refusing("a", 4, 0, 2.0, 3), 1, False, 2.0),
        (Refusing("a", 4, 0.5, 9.0, 3), 1, False, 8.0),
        (Refusing("a", 1, 0, 600.0, 0), 1, False, 600.0),
        (Refusing("a", 1, 0, 600.0, 0), 1, True, 30.0),
        (Refusing("tag:a", 1, 0, 600.0, 0), 1, True, 10.0),
        (Refusing("a", 1, 0.01, 9.0, 0), 1, True, 100.0),
    ],
)
def test_the_wait_grows_with_those_who_wait(
    limit: Refusing, slots: int, capped: bool, seconds: float
) -> None:
    assert decay.retry_after([limit], slots, capped=capped) == pytest.approx(seconds)


def test_the_fullest_of_several_limits_decides() -> None:
    limits = [Refusing("wide", 10, 0, 50.0, 0), Refusing("narrow", 1, 0, 3.0, 1)]

    assert decay.retry_after(limits, 1, capped=False) == 6.0


def test_the_average_occupancy_follows_slowly_and_ignores_an_empty_limit() -> None:
    assert decay.occupancy_after(2.0, 10.0, slots=1, limit=2) == 4.0
    assert decay.occupancy_after(2.0, 0.0, slots=1, limit=1) == pytest.approx(1.05)
    assert decay.occupancy_after(2.0, 10.0, slots=1, limit=0) == 2.0
