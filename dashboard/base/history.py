"""Run counts over a period as a chart, a table and the five counters."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from dashboard.base.filters import Period
from dashboard.base.times import after, floor, stamp, ticks
from dashboard.charts.bars import Bar, bars
from dashboard.charts.svg import Span
from dashboard.looks import GROUPS, group
from runs.history import Tally, tallies
from runs.states import SCHEDULED

BUCKETS = (15, 60, 300, 1200, 1800, 3600, 7200, 14400, 28800, 86400, 604800)
MOST = 96
STACK = ("done", "problem", "active", "waiting", "late")  # from the bottom
LOOKS = {one.key: one.look for one in GROUPS}
TITLES = {one.key: one.title for one in GROUPS}


@dataclass(frozen=True, slots=True)
class Counter:
    """One tile: how many now, and how many more than in the period before."""

    key: str
    title: str
    look: str
    runs: int
    change: int | None


@dataclass(frozen=True, slots=True)
class History:
    """A chart, the same as rows, and the counters."""

    chart: SafeString
    rows: list[Bar]
    counters: list[Counter]
    total: int
    coming: int
    title: str


def history(
    started: QuerySet[Any],
    shown: Period,
    *,
    now: datetime,
    zone: ZoneInfo,
    height: int,
    href: str,
    compare: bool = False,
) -> History:
    """Count a set with `started` over the period and a little ahead of now."""
    first = shown.start or _first(started, now)
    last = shown.end or now + (now - first) / 10
    length = (last - first).total_seconds()
    step = next((s for s in BUCKETS if length / s <= MOST), BUCKETS[-1])
    edges = _edges(first, last, step, zone)
    begin = edges[0] - (edges[-1] - edges[0]) if compare else edges[0]
    counted = tallies(
        started.filter(started__gte=begin, started__lt=edges[-1]),
        slice_seconds=_slice(step, zone, now),
    )
    rows = _bars(counted, edges, zone=zone, href=href)
    past = [one for one in counted if edges[0] <= one.start and not _ahead(one, now)]
    ahead = sum(one.runs for one in counted if one.start >= edges[0]) - sum(
        one.runs for one in past
    )
    total = sum(one.runs for one in past)
    summary = f"Flow runs by state, {shown.title.lower()}: {total:,}, {ahead:,} to come"
    span = Span(edges[0], edges[-1])
    chart = bars(
        rows,
        span=span,
        ticks=ticks(span, zone, most=8),
        now=now,
        height=height,
        summary=summary,
    )
    before = [one for one in counted if one.start < edges[0]] if compare else None
    return History(chart, rows, _counters(past, before), total, ahead, summary)


def _first(started: QuerySet[Any], now: datetime) -> datetime:
    """The start of everything, at least an hour and at most a year ago."""
    found = started.order_by("started").values_list("started", flat=True).first()
    earliest = found if isinstance(found, datetime) else now
    return min(max(earliest, now - timedelta(days=365)), now - timedelta(hours=1))


def _edges(
    first: datetime, last: datetime, step: int, zone: ZoneInfo
) -> list[datetime]:
    edges = [floor(first, step, zone)]
    while edges[-1] < last:
        edges.append(after(edges[-1], step, zone))
    return edges


def _slice(step: int, zone: ZoneInfo, now: datetime) -> int:
    """Slices of the count: fine enough to fall into the zone's buckets."""
    offset = now.astimezone(zone).utcoffset() or timedelta()
    is_whole = offset % timedelta(hours=1) == timedelta()
    return min(step, 3600 if is_whole else 900)


def _ahead(one: Tally, now: datetime) -> bool:
    return one.start > now or (one.name == SCHEDULED and one.start > now)


def _bars(
    counted: list[Tally], edges: list[datetime], *, zone: ZoneInfo, href: str
) -> list[Bar]:
    sums: list[dict[str, int]] = [{} for _ in edges[1:]]
    for one in counted:
        place = bisect_right(edges, one.start) - 1
        if 0 <= place < len(sums):
            key = group(one.type, one.name)
            sums[place][key] = sums[place].get(key, 0) + one.runs
    return [
        _one(edges[n], edges[n + 1], found, zone, href) for n, found in enumerate(sums)
    ]


def _one(
    start: datetime, end: datetime, found: dict[str, int], zone: ZoneInfo, href: str
) -> Bar:
    said = ", ".join(
        f"{found[key]:,} {TITLES[key].lower()}" for key in STACK if key in found
    )
    query = urlencode({"from": _iso(start), "to": _iso(end)})
    return Bar(
        start,
        end,
        {LOOKS[key]: found[key] for key in STACK if key in found},
        f"{stamp(start, zone)[:16]}: {said}",
        f"{href}{'&' if '?' in href else '?'}{query}",
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _counters(past: list[Tally], before: list[Tally] | None) -> list[Counter]:
    now_by, then_by = _by_group(past), _by_group(before or [])
    return [
        Counter(
            one.key,
            one.title,
            one.look,
            now_by.get(one.key, 0),
            None
            if before is None
            else now_by.get(one.key, 0) - then_by.get(one.key, 0),
        )
        for one in GROUPS
    ]


def _by_group(counted: list[Tally]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in counted:
        key = group(one.type, one.name)
        sums[key] = sums.get(key, 0) + one.runs
    return sums
