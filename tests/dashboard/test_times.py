from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.base import times
from dashboard.charts.svg import Span

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.84, "840 ms"),
        (0.9999, "1.0 s"),
        (4.25, "4.2 s"),
        (12.4, "12 s"),
        (64, "1 m 04 s"),
        (11520, "3 h 12 m"),
        (187200, "2 d 4 h"),
        (-5, "0 ms"),
    ],
)
def test_durations_are_told_in_two_units_at_most(seconds: float, text: str):
    assert times.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(40, "40 s"), (-180, "3 min"), (18000, "5 h"), (200000, "2 d")],
)
def test_distances_are_told_roughly(seconds: float, text: str):
    assert times.rough(seconds) == text


def test_a_time_of_another_day_says_which():
    yesterday = NOW - timedelta(hours=20)

    assert times.written(NOW, "clock", PARIS, NOW) == "13:00"
    assert times.written(yesterday, "clock", PARIS, NOW) == "11-20 17:00"
    assert times.written(NOW, "stamp", PARIS, NOW) == "2026-11-21 13:00:00"


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (timedelta(seconds=1.2), ["12:00:00.0", "12:00:00.2", "12:00:00.4"]),
        (timedelta(seconds=8), ["12:00:00", "12:00:02", "12:00:04", "12:00:06"]),
        (timedelta(hours=20), ["12:00", "16:00", "20:00", "00:00", "04:00", "08:00"]),
        (timedelta(days=5), ["11-22", "11-23"]),
        (timedelta(days=3), ["11-21 12:00", "11-22 00:00"]),
    ],
)
def test_ticks_are_round_in_the_readers_zone(length: timedelta, labels: list[str]):
    start = NOW.replace(hour=11)  # noon in Paris
    found = times.ticks(Span(start, start + length), PARIS, most=6)

    assert [tick.label for tick in found][: len(labels)] == labels


def test_the_day_on_which_clocks_go_forward_has_23_hours():
    midnight = datetime(2026, 3, 29, tzinfo=PARIS).astimezone(UTC)

    following = times.after(midnight, 86400, PARIS)

    assert following - midnight == timedelta(hours=23)
    assert times.floor(midnight + timedelta(hours=5), 86400, PARIS) == midnight


def test_buckets_of_an_hour_are_not_lost_when_clocks_go_back():
    moment = datetime(2026, 10, 25, tzinfo=PARIS).astimezone(UTC)
    end = moment + timedelta(hours=25)
    edges = [moment]
    while edges[-1] < end:
        edges.append(times.after(edges[-1], 3600, PARIS))

    assert edges[-1] == end
    assert edges == sorted(set(edges))
