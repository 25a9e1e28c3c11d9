"""Bars over time: how many runs, by group of states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from dashboard.charts.svg import Span, Tick, element, number, percent

TOP, FOOT = 14, 18  # room above the highest bar and for the time labels


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket: how many runs per look, in stacking order, and where it leads."""

    start: datetime
    end: datetime
    counts: Mapping[str, int]
    title: str
    href: str

    @property
    def total(self) -> int:
        """All runs of the bucket."""
        return sum(self.counts.values())


def bars(
    rows: Sequence[Bar],
    *,
    span: Span,
    ticks: Sequence[Tick],
    now: datetime,
    height: int,
    summary: str,
) -> SafeString:
    """The chart. It is as wide as its box; `height` is in pixels."""
    top = ceiling(max((row.total for row in rows), default=0))
    base = height - FOOT
    unit = (base - TOP) / top
    return element(
        "svg",
        *_grid(top, base=base, unit=unit),
        *(_tick(tick, span, height, minor=n % 2 == 1) for n, tick in enumerate(ticks)),
        *(_bar(row, span, base=base, unit=unit) for row in rows if row.total),
        _now(now, span, base),
        class_="chart bars",
        height=height,
        role="group",
        aria_label=summary,
    )


def ceiling(highest: int) -> int:
    """The axis' end: the next even round number, so that half of it is whole."""
    if highest <= 2:
        return 2
    size = 10 ** (len(str(highest)) - 1)
    steps = (size, 2 * size, 4 * size, 6 * size, 8 * size, 10 * size)
    found: int = next(n for n in steps if n >= highest and n % 2 == 0)
    return found


def _grid(top: int, *, base: int, unit: float) -> list[SafeString]:
    lines: list[SafeString] = []
    for value in (0, top // 2, top):
        y = number(base - value * unit)
        lines.append(element("line", class_="grid", x1="0", x2="100%", y1=y, y2=y))
        lines.append(element("text", f"{value:,}", x=-6, y=y, dy=4, text_anchor="end"))
    return lines


def _tick(tick: Tick, span: Span, height: int, *, minor: bool) -> SafeString:
    x = span.at(tick.at)
    anchor = "start" if x < 3 else "end" if x > 97 else "middle"
    return element(
        "text",
        tick.label,
        class_="minor" if minor else None,
        x=percent(x),
        y=height - 4,
        text_anchor=anchor,
    )


def _bar(row: Bar, span: Span, *, base: int, unit: float) -> SafeString:
    left, right = span.at(row.start), span.at(row.end)
    width = right - left
    y = float(base)
    marks = [
        element("title", row.title),
        element(
            "rect",
            class_="hit",
            x=percent(left),
            y=0,
            width=percent(width),
            height=base,
        ),
    ]
    for look, count in row.counts.items():
        if not count:
            continue
        tall = max(count * unit, 1.5)
        y -= tall
        marks.append(
            element(
                "rect",
                class_=f"{look} mark",
                x=percent(left + width * 0.08),
                y=number(y),
                width=percent(width * 0.84),
                height=number(tall),
            )
        )
    return element("a", *marks, href=row.href, tabindex=-1)


def _now(now: datetime, span: Span, base: int) -> SafeString:
    if not span.covers(now):
        return SafeString()
    x = percent(span.at(now))
    return element(
        "g",
        element("line", class_="now", x1=x, x2=x, y1=2, y2=base),
        element("text", "now", x=x, y=10, dx=4),
    )
