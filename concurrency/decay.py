"""Limits over time: draining slots, remembered refusals, waiting times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ROUNDING = 1e-6  # slots; hides what floats and microseconds lose
LEAST_OCCUPANCY = 0.1  # seconds
LONGEST_WAIT = 30.0  # seconds a slot is waited for at most, as told to 3.x clients
LONGEST_TAG_WAIT = 10.0
LONGEST_DRAIN = 100 * 365 * 86_400.0  # seconds; later times cannot be written
TAG = "tag:"


@dataclass(frozen=True, slots=True)
class Refusing:
    """What the waiting time depends on, of one limit that was asked in vain."""

    name: str
    limit: int
    decay: float  # slots a second
    occupancy: float  # seconds a slot is usually held
    denied: float  # slots refused lately


def drain_end(
    latest: datetime | None, slots: int, decay: float, now: datetime
) -> datetime:
    """When the last of `slots` new slots has drained; they queue behind `latest`."""
    begin = max(now, latest) if latest else now
    return begin + timedelta(seconds=min(slots / decay, LONGEST_DRAIN))


def undrained(slots: int, until: datetime, decay: float, now: datetime) -> int:
    """How many of `slots` slots, the last of which drains at `until`, are left."""
    left = (until - now).total_seconds() * decay
    return max(0, min(slots, math.ceil(left - ROUNDING)))


def refusals(
    denied: float,
    since: datetime | None,
    now: datetime,
    *,
    decay: float,
    occupancy: float,
) -> float:
    """What is left of `denied` refused slots remembered at `since`."""
    if since is None:
        return 0.0
    rate = decay or 1 / max(occupancy, LEAST_OCCUPANCY)
    gone = math.floor(rate * max(0.0, (now - since).total_seconds()))
    return max(0.0, denied - gone)


def occupancy_after(average: float, seconds: float, *, slots: int, limit: int) -> float:
    """The average after `slots` slots were held for `seconds` together."""
    if limit < 1:
        return average
    per_slot = max(seconds / slots, LEAST_OCCUPANCY)
    return average + (per_slot - average) / (limit * 2)


def retry_after(limits: Sequence[Refusing], slots: int, *, capped: bool) -> float:
    """Seconds until asking again makes sense; `capped` as 3.x clients are told."""
    worst = max(limits, key=lambda limit: _queue(limit, slots))
    each = 1 / worst.decay if worst.decay else worst.occupancy
    if capped and not worst.decay:
        longest = LONGEST_TAG_WAIT if worst.name.startswith(TAG) else LONGEST_WAIT
        each = min(each, longest)
    return each * _queue(worst, slots)


def spread(seconds: float, roll: float) -> float:
    """A wait within 30 % of `seconds`, so that those who wait do not come together.

    `roll` is a random number between 0 and 1.
    """
    return seconds * (0.7 + 0.6 * roll)


def _queue(limit: Refusing, slots: int) -> float:
    waiting = slots + limit.denied
    return waiting if limit.decay else waiting / max(limit.limit, 1)
