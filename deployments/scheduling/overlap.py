"""What becomes of due runs while others of their schedule are active: one table.

Hand-out gives no run of a schedule beyond its `max_active_runs`, whatever the policy;
this says what becomes of those that have to wait for that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from deployments.models import Overlap


@dataclass(frozen=True, slots=True)
class Situation:
    """One schedule at one moment; both lists begin with the oldest."""

    active: Sequence[UUID]
    waiting: Sequence[UUID]  # due, and nobody has taken them
    limit: int  # runs that may be active at once
    queue: int | None = None  # runs that may wait; None: any number

    @property
    def room(self) -> int:
        """How many of the waiting may start."""
        return max(0, self.limit - len(self.active))


@dataclass(frozen=True, slots=True)
class Settlement:
    """The runs to skip, and those to cancel for the sake of newer ones."""

    skipped: tuple[UUID, ...] = ()
    cancelled: tuple[UUID, ...] = ()


def wait(now: Situation) -> Settlement:
    """All of them wait."""
    return Settlement()


def queue(now: Situation) -> Settlement:
    """So many may wait, those that came first; the others are skipped."""
    if now.queue is None:
        return Settlement()
    return Settlement(skipped=tuple(now.waiting[now.room + now.queue :]))


def skip(now: Situation) -> Settlement:
    """None waits."""
    return Settlement(skipped=tuple(now.waiting[now.room :]))


def replace(now: Situation) -> Settlement:
    """The newest start; the oldest active ones make room for them."""
    newest = now.waiting[-now.limit :]
    skipped = now.waiting[: len(now.waiting) - len(newest)]
    over = max(0, len(now.active) + len(newest) - now.limit)
    return Settlement(tuple(skipped), tuple(now.active[:over]))


POLICIES: dict[str, Callable[[Situation], Settlement]] = {
    Overlap.ALLOW: wait,
    Overlap.QUEUE: queue,
    Overlap.SKIP: skip,
    Overlap.REPLACE: replace,
}


def decide(policy: str, now: Situation) -> Settlement:
    """What the policy says."""
    return POLICIES[policy](now)
