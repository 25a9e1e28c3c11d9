from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.charts.bars import Bar, bars, ceiling
from dashboard.charts.strip import Stripe, meter, scale, strip
from dashboard.charts.svg import Span, Tick, element, number
from dashboard.charts.timeline import Row, Segment, timeline

GOLDEN = Path(__file__).parent / "golden"
START = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.svg").read_text(encoding="utf-8").strip()


def four_buckets() -> str:
    counts = [{"completed": 12, "failed": 3}, {}, {"completed": 4, "running": 1}, {}]
    rows = [
        Bar(at(15 * n), at(15 * n + 15), found, f"bucket {n}", f"/runs?from={n}")
        for n, found in enumerate(counts)
    ]
    ticks = [Tick(at(0), "12:00"), Tick(at(30), "12:30")]
    span = Span(at(0), at(60))
    return bars(rows, span=span, ticks=ticks, now=at(50), height=84, summary="Runs")


def a_retry_and_a_child() -> str:
    retried = [
        Segment("failed", at(0), at(2), "✕ 2 m 00 s"),
        Segment("scheduled", at(2), at(4), waits=True),
        Segment("completed", at(4), at(9), "5 m 00 s"),
    ]
    rows = [
        Row(
            "a",
            "extract",
            "extract: Completed in 2 attempts",
            "/runs/1?task=a",
            retried,
        ),
        Row(
            "b", "load <b>", "load", "/x", [Segment("running", at(9), at(9.01), "1 s")]
        ),
    ]
    return timeline(
        rows,
        [Segment("running", at(0), at(10))],
        span=Span(at(0), at(10)),
        ticks=[Tick(at(0), "12:00"), Tick(at(5), "12:05"), Tick(at(10), "12:10")],
        now=at(10),
        summary="Timeline",
    )


def three_runs() -> str:
    rows = [
        Stripe("completed", 10, "a: Completed", "/runs/a"),
        Stripe("failed", 5, "b: Failed", "/runs/b"),
        Stripe("completed", 0, "c: Completed", "/runs/c"),
    ]
    return strip(rows, slots=20, summary="Last 3 runs")


CHARTS = {
    "bars": four_buckets,
    "timeline": a_retry_and_a_child,
    "strip": three_runs,
    "meter": lambda: meter(done=7, failed=1, running=2, total=20),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_drawn_as_recorded(name: str):
    assert CHARTS[name]().replace("><", ">\n<") == golden(name)


@pytest.mark.parametrize(
    ("highest", "end"),
    [
        (0, 2),
        (2, 2),
        (3, 4),
        (7, 8),
        (9, 10),
        (11, 20),
        (41, 60),
        (95, 100),
        (101, 200),
    ],
)
def test_the_axis_ends_at_a_round_even_number(highest: int, end: int):
    assert ceiling(highest) == end


def test_text_in_a_chart_is_escaped():
    drawn = element("text", "<script>", aria_label='"quoted"')

    assert drawn == '<text aria-label="&quot;quoted&quot;">&lt;script&gt;</text>'


def test_places_outside_the_chart_are_at_its_edge():
    span = Span(at(0), at(10))

    assert [span.at(at(m)) for m in (-5, 0, 5, 10, 15)] == [0, 0, 50, 100, 100]


def test_numbers_have_no_needless_digits():
    assert [number(n) for n in (1.0, 2.5, 3.14159)] == ["1", "2.5", "3.14"]


def test_one_run_that_hangs_does_not_flatten_the_others():
    assert scale([10, 11, 12, 4000]) == 36
    assert scale([10, 11, 12]) == 12
    assert scale([]) == 1
