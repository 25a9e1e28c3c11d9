"""The timeline of a run: one row per task, waits and attempts as segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from dashboard.charts.svg import Span, Tick, element, number, percent

ROW, HEAD, THICK = 26, 24, 16
WIDE = 960  # the width in pixels that labels are fitted for
LETTER = 6.4  # pixels


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in one state. A wait is a dashed line, the rest is a bar."""

    look: str
    start: datetime
    end: datetime
    label: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A task run or a child run."""

    id: str
    label: str
    title: str
    href: str
    segments: Sequence[Segment]


def timeline(
    rows: Sequence[Row],
    band: Sequence[Segment],
    *,
    span: Span,
    ticks: Sequence[Tick],
    now: datetime | None,
    summary: str,
) -> SafeString:
    """The chart; `band` is the run itself, along the bottom. `now` marks a live run."""
    foot = HEAD + len(rows) * ROW
    height = foot + 16
    return element(
        "svg",
        *(_tick(tick, span, foot, minor=n % 2 == 1) for n, tick in enumerate(ticks)),
        *(_row(row, span, HEAD + n * ROW) for n, row in enumerate(rows)),
        *(_bar(part, span, y=foot + 4, thick=5) for part in band),
        _now(now, span, foot),
        class_="chart timeline",
        height=height,
        role="group",
        aria_label=summary,
    )


def _tick(tick: Tick, span: Span, foot: int, *, minor: bool) -> SafeString:
    at = span.at(tick.at)
    x = percent(at)
    return element(
        "g",
        element("line", class_="grid", x1=x, x2=x, y1=HEAD - 4, y2=foot),
        element(
            "text",
            tick.label,
            class_="minor" if minor else None,
            x=x,
            y=13,
            text_anchor="start" if at < 2 else "end" if at > 96 else "middle",
        ),
    )


def _row(row: Row, span: Span, top: int) -> SafeString:
    y = top + 3
    line = top + ROW - 2
    shown = row.label if len(row.label) <= 28 else f"{row.label[:27]}…"
    return element(
        "a",
        element("title", row.title),
        element("rect", class_="hit", x=0, y=top, width="100%", height=ROW - 2),
        element("text", shown, class_="label", x=-10, y=y + 12, text_anchor="end"),
        element("line", class_="rowline", x1=0, x2="100%", y1=line, y2=line),
        *(
            _wait(part, span, y + THICK // 2)
            if part.waits
            else _bar(part, span, y=y, thick=THICK)
            for part in row.segments
        ),
        *(_label(part, span, y + 12) for part in row.segments if not part.waits),
        href=row.href,
        data_task_run=row.id,
    )


def _width(part: Segment, span: Span) -> float:
    return max(0.3, span.at(part.end) - span.at(part.start))


def _bar(part: Segment, span: Span, *, y: int, thick: int) -> SafeString:
    return element(
        "rect",
        class_=f"{part.look} mark",
        x=percent(span.at(part.start)),
        y=y,
        width=percent(_width(part, span)),
        height=thick,
        rx=2 if thick > 8 else None,
    )


def _wait(part: Segment, span: Span, y: int) -> SafeString:
    return element(
        "line",
        class_=f"{part.look} wait",
        x1=percent(span.at(part.start)),
        x2=percent(span.at(part.end)),
        y1=number(y),
        y2=number(y),
    )


def _label(part: Segment, span: Span, y: int) -> SafeString:
    """The duration inside its bar when it fits; else it stays in the row's title."""
    room = _width(part, span) / 100 * WIDE
    if not part.label or room < len(part.label) * LETTER + 14:
        return SafeString()
    kind = "inlabel on-hollow" if part.look in HOLLOW else "inlabel"
    return element(
        "text", part.label, class_=kind, x=percent(span.at(part.start)), y=y, dx=8
    )


HOLLOW = frozenset({"scheduled", "late", "pending", "cancelled"})


def _now(now: datetime | None, span: Span, foot: int) -> SafeString:
    if now is None or not span.covers(now):
        return SafeString()
    x = percent(span.at(now))
    return element("line", class_="now", x1=x, x2=x, y1=HEAD - 6, y2=foot)
