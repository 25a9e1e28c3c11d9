"""When a failed attempt is tried again, and after how long."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

LONGEST_LIST = 50


class Backoff:
    """Growing delays, computed for one attempt at a time."""

    __slots__ = ("base", "factor", "jitter", "maximum")

    def __init__(
        self, base: float, factor: float, maximum: float, jitter: str | None
    ) -> None:
        if jitter not in (None, "full"):
            raise ValueError(f"jitter is None or 'full', not {jitter!r}")
        self.base, self.factor = base, factor
        self.maximum, self.jitter = maximum, jitter

    def delay(self, attempt: int, dice: Callable[[], float] = random.random) -> float:
        """Seconds to wait after failed attempt number `attempt` (from 1)."""
        try:
            grown = min(self.base * self.factor ** (attempt - 1), self.maximum)
        except OverflowError:
            grown = self.maximum
        return grown * dice() if self.jitter else grown


def exponential(
    base: float = 1,
    factor: float = 2,
    maximum: float = 300,
    jitter: str | None = None,
) -> Backoff:
    """Delays of base, base*factor, … up to `maximum`; "full" jitter spreads them."""
    return Backoff(base, factor, maximum, jitter)


def exponential_backoff(backoff_factor: float) -> Callable[[int], list[float]]:
    """Delays of factor, 2*factor, 4*factor, … for any number of retries."""

    def delays(retries: int) -> list[float]:
        return [backoff_factor * 2**n for n in range(retries)]

    return delays


def check_delays(delays: Any) -> None:
    """Refuse delays that could not be used later, when a run depends on them."""
    if delays is None or isinstance(delays, Backoff) or callable(delays):
        return
    listed = list(delays) if isinstance(delays, Sequence) else [delays]
    if len(listed) > LONGEST_LIST:
        raise ValueError(f"At most {LONGEST_LIST} retry delays, not {len(listed)}")
    for each in listed:
        if isinstance(each, bool) or not isinstance(each, int | float) or each < 0:
            raise ValueError(f"A retry delay is a number of seconds, not {each!r}")


def delay_after(
    attempt: int,
    *,
    delays: Any,
    retries: int,
    jitter_factor: float | None,
    dice: Callable[[], float] = random.random,
) -> float:
    """Seconds between failed attempt number `attempt` (from 1) and the next one."""
    if isinstance(delays, Backoff):
        base = delays.delay(attempt, dice)
    else:
        found = delays(retries) if callable(delays) else delays
        if isinstance(found, Sequence):
            base = float(found[min(attempt, len(found)) - 1]) if found else 0.0
        else:
            base = float(found or 0)
    return base * (1 + (jitter_factor or 0) * dice())
