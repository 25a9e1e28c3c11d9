"""What a person has to do something about, one line each, with the act beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from dashboard.home.pools import PoolLine
from ops.health import SAID, Condition, LoopHealth


@dataclass(frozen=True, slots=True)
class Need:
    """A line: what is wrong with what, and the way there; `resume` is a pool's name."""

    look: str
    icon: str
    name: str
    href: str
    said: str
    more: str = ""
    resume: str = ""


def needs(pools: Sequence[PoolLine], loops: Sequence[LoopHealth]) -> list[Need]:
    """Loops that stand still first, then pools whose due runs nobody takes."""
    return [*_loops(loops), *_pools(pools)]


def _loops(loops: Sequence[LoopHealth]) -> Iterator[Need]:
    for loop in loops:
        is_late = loop.condition == Condition.BEHIND
        yield Need(
            "late" if is_late else "failed",
            "clock-alert" if is_late else "triangle-alert",
            loop.name,
            reverse("dashboard:system"),
            f"{SAID[loop.condition]}.",
            loop.last_error.partition("\n")[0] or f"Not done meanwhile: {loop.duty}",
        )


def _pools(pools: Sequence[PoolLine]) -> Iterator[Need]:
    for row in pools:
        due = row.load.due
        if not due or not row.trouble:
            continue
        runs = "1 run is" if due == 1 else f"{due} runs are"
        yield Need(
            "paused" if row.pool.is_paused else "late",
            "pause" if row.pool.is_paused else "triangle-alert",
            row.pool.name,
            reverse("dashboard:work-pool-tab", args=[row.pool.name, "upcoming"]),
            f"{row.trouble}, and {runs} due in it.",
            resume=row.pool.name if row.pool.is_paused else "",
        )
