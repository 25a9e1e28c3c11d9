"""The last runs of a flow or deployment, and the progress of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from dashboard.charts.svg import element, number

STEP, WIDE, TALL, FLOOR = 6, 4, 16, 3


@dataclass(frozen=True, slots=True)
class Stripe:
    """One run: how it ended, how long it took, and its page."""

    look: str
    seconds: float
    title: str
    href: str


def strip(rows: Sequence[Stripe], *, slots: int, summary: str) -> SafeString:
    """Oldest first, right-aligned in `slots` places; height is duration."""
    full = scale([row.seconds for row in rows])
    first = slots - len(rows)
    return element(
        "svg",
        *(
            _stripe(row, (first + n) * STEP, tall(row.seconds / full))
            for n, row in enumerate(rows)
        ),
        class_="strip",
        viewBox=f"0 0 {slots * STEP} {TALL + 2}",
        role="group",
        aria_label=summary,
    )


def scale(seconds: Sequence[float]) -> float:
    """What fills the height: the longest, but at most thrice the middle one, so that
    one run that hangs does not flatten the others."""
    ordered = sorted(seconds)
    middle = ordered[len(ordered) // 2] if ordered else 0.0
    return min(ordered[-1], 3 * middle) if middle else max([*ordered, 1.0])


def tall(share: float) -> float:
    """The height of a bar."""
    return FLOOR + min(1.0, share) * (TALL - FLOOR)


def _stripe(row: Stripe, x: int, height: float) -> SafeString:
    return element(
        "a",
        element("title", row.title),
        element("rect", class_="hit", x=x - 1, y=0, width=STEP, height=TALL + 2),
        element(
            "rect",
            class_=f"{row.look} mark",
            x=x,
            y=number(TALL + 1 - height),
            width=WIDE,
            height=number(height),
        ),
        href=row.href,
        tabindex=-1,
    )


def meter(*, done: int, failed: int, running: int, total: int) -> SafeString:
    """How far a run is: tasks done, failed and running of all known ones."""
    parts = []
    x = 0
    for look, count in (("completed", done), ("failed", failed), ("running", running)):
        if count:
            parts.append(
                element("rect", class_=f"{look} mark", x=x, width=count, height=4)
            )
            x += count
    return element(
        "svg",
        *parts,
        viewBox=f"0 0 {max(total, 1)} 4",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
