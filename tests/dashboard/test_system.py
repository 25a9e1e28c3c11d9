"""The page of the server itself."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.clock import now
from core.loops import Beat, find_loops
from ops import health
from ops import loops as ops_loops
from ops.models import LoopPulse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_glance", None)


def all_beat() -> None:
    at = now()
    ops_loops.store([Beat(loop.name, at, at) for loop in find_loops()])


def system(client) -> str:
    page = client.get("/system")
    assert page.status_code == 200
    return page.content.decode()


def row(page: str, loop: str) -> str:
    """A loop's line as text."""
    found = re.search(rf'<tr data-loop="{loop}".*?</tr>', page, re.S)
    assert found
    return re.sub(r"<[^>]+>", " ", found[0])


def test_every_loop_is_told_with_what_it_is_for(client):
    all_beat()

    page = system(client)

    assert 'class="alarm"' not in page
    assert "Well" in row(page, "late-runs")
    assert "Name runs Late when their start has passed" in row(page, "late-runs")
    listed = re.findall(r'<tr data-loop="([^"]+)"', page)
    assert sorted(listed) == [loop.name for loop in find_loops()]


def test_a_loop_that_stands_still_is_told_first_with_what_to_do(client):
    all_beat()
    gone = now() - timedelta(hours=4)
    LoopPulse.objects.filter(name="late-runs").update(last_tick=gone)

    page = system(client)

    told = page.split('data-loop="late-runs"')[1].split("</section>")[0]
    assert "stands still" in told
    assert "Nobody runs it." in told
    assert page.index('<tr data-loop="late-runs"') < page.index("<tr data-loop=", 1) + 1
    assert "Stands still" in row(page, "late-runs")


def test_a_failing_loop_tells_its_error(client):
    all_beat()
    at = now()
    ops_loops.store([Beat("scheduler", at, None, "ValueError: no zone", at)])

    page = system(client)

    assert "scheduler is failing" in page
    assert "ValueError: no zone" in row(page, "scheduler")


def test_lag_is_told(client):
    all_beat()
    at = now()
    ops_loops.store([Beat("late-runs", at, at, lag=timedelta(seconds=90))])

    page = system(client)

    assert "has waited for 1 m 30 s" in page
    assert "1 m 30 s" in row(page, "late-runs")


def test_every_frame_tells_of_trouble_and_a_refresh_takes_it_away(client):
    all_beat()
    LoopPulse.objects.filter(name="late-runs").update(
        last_tick=now() - timedelta(hours=4)
    )
    health.look(now())
    page = client.get("/runs").content.decode()
    assert "late-runs stands still" in page

    all_beat()
    health.look(now())
    tags = re.search(r'hx-ptag="([^"]+)"', page)
    assert tags
    headers = {"HX-Request-Type": "partial", "HX-Source": "div#live-part"}
    fresh = client.get("/runs", headers={**headers, "HX-PTag": tags[1]})

    assert 'hx-target="#alarm"' in fresh.content.decode()
    assert "stands still" not in fresh.content.decode()


def test_processes_that_run_loops_are_named(client):
    all_beat()

    assert ops_loops.process_name() in system(client)
