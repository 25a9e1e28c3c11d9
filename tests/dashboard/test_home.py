from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.clock import now
from ops import health
from tests import factories as make
from work_pools.loops import WhyNot

pytestmark = pytest.mark.django_db


def home(client, query: str = "") -> str:
    page = client.get(f"/?{query}")
    assert page.status_code == 200
    return page.content.decode()


def counters(page: str) -> dict[str, tuple[int, str]]:
    """Title to number and change."""
    found = re.findall(
        r"<i></i>(\w+)</span><b>([\d,]+)</b>(?:<small>([^<]*)</small>)?", page
    )
    return {title: (int(n.replace(",", "")), change) for title, n, change in found}


def panel(page: str, id: str) -> str:
    return page.split(f'id="{id}"')[1].split("</section>")[0]


def test_counters_compare_the_window_with_the_one_before(client):
    for hours in (1, 2, 30):
        make.flow_run(make.failed(), at=now() - timedelta(hours=hours))
    make.flow_run(make.running())
    make.flow_run(make.late())
    make.flow_run(make.completed(), at=now() - timedelta(hours=26))

    assert counters(home(client)) == {
        "Problem": (2, "+1"),
        "Active": (1, "+1"),
        "Waiting": (0, "no change"),
        "Late": (1, "+1"),
        "Done": (0, "−1"),  # noqa: RUF001 - a minus sign
    }


def test_a_counter_leads_to_its_runs(client):
    run = make.flow_run(make.failed())
    page = home(client, "since=7d")

    link = re.search(r'<a class="failed" href="([^"]+)"', page)[1].replace("&amp;", "&")

    assert link == "/runs?state=problem&since=7d"
    assert run.name in client.get(link).content.decode()


def test_running_runs_are_told_against_their_usual_time(client):
    deployment = make.deployment()
    for n in range(3):
        make.flow_run(
            make.completed(),
            deployment=deployment,
            total_run_time=10.0,
            at=now() - timedelta(hours=n + 1),
        )
    run = make.flow_run(
        make.running(), deployment=deployment, at=now() - timedelta(seconds=40)
    )
    make.task_run(make.completed(), flow_run=run)
    make.task_run(make.running(), flow_run=run)

    shown = panel(home(client), "running")

    assert run.name in shown
    assert "1 of 2 tasks" in shown
    assert re.search(r"4\.\d× usual", shown)  # noqa: RUF001 - a multiplication sign


def test_late_runs_name_what_is_in_their_way_and_lead_there(client):
    pool = make.work_pool(name="gpu")
    make.flow_run(make.late(), work_queue=pool.default_queue)
    WhyNot().tick(now())

    shown = panel(home(client), "late")

    assert "has asked pool" in re.sub(r"<[^>]+>", "", shown)
    assert '<a class="text-link" href="/work-pools/gpu">gpu</a>' in shown


def test_a_run_that_became_late_just_now_says_that_its_reason_is_to_come(client):
    make.flow_run(make.late(), work_queue=make.work_queue())

    assert "the reason is being looked for" in panel(home(client), "late")


def test_a_paused_pool_with_due_runs_needs_somebody(client):
    pool = make.work_pool(name="k8s", is_paused=True)
    make.flow_run(make.late(), work_queue=pool.default_queue)

    shown = panel(home(client), "needs")

    assert "is paused: nothing is handed out, and 1 run is due in it." in shown
    assert 'action="/work-pools/k8s/resume"' in shown


def test_a_pool_without_a_worker_needs_somebody_only_when_runs_are_due(client):
    pool = make.work_pool(name="gpu")
    assert 'id="needs"' not in home(client)

    make.flow_run(make.late(), work_queue=pool.default_queue)

    assert "has no live worker, and 1 run is due in it." in panel(home(client), "needs")


def test_a_loop_that_stands_still_needs_somebody(client, monkeypatch):
    lost = health.LoopHealth(
        "late-runs", health.Condition.STANDING, timedelta(seconds=5), "Name runs Late."
    )
    seen = health.Glance(now(), (lost,))
    monkeypatch.setattr(health, "_glance", seen)

    page = home(client)

    assert "stands still." in panel(page, "needs")
    assert 'class="alarm" href="/system"' in page


def test_pools_are_told_by_name(client):
    full = make.work_pool(name="gpu", concurrency_limit=2, announced="READY")
    make.flow_run(make.running(), work_queue=full.default_queue)
    make.work_pool(name="k8s", is_paused=True)

    shown = panel(home(client), "work-pools")

    assert shown.index(">gpu<") < shown.index(">k8s<")
    assert "1 / 2" in shown
    assert 'data-status="ready"' in shown
    assert 'data-status="paused"' in shown


def test_what_comes_next_is_listed_in_order(client):
    for minutes in (20, 5):
        make.flow_run(
            make.scheduled(now() + timedelta(minutes=minutes)),
            flow=make.flow(name=f"in-{minutes}"),
        )

    shown = panel(home(client), "next-up")

    assert shown.index("in-5") < shown.index("in-20")
    assert "in 5 min" in shown


def test_flows_with_problems_are_listed_with_what_the_last_one_said(client):
    daily = make.flow(name="daily")
    make.flow_run(make.failed("old"), flow=daily, at=now() - timedelta(hours=2))
    make.flow_run(make.failed("KeyError: 'region'"), flow=daily)

    page = home(client)

    row = re.search(r"<tr><td class=\"name\"><a [^>]*>daily</a>.*?</tr>", page, re.S)[0]
    assert ">2<" in row
    assert "KeyError" in row
    assert row.count('class="failed mark"') == 2


def test_an_empty_house_shows_the_first_steps(client):
    page = home(client)

    assert "Three steps to the first run" in page
    assert "http://testserver/api" in page
    assert "Nothing is running." in page


def test_the_chart_can_be_read_as_a_table(client):
    make.flow_run(make.failed())

    page = home(client)

    assert "Show as table" in page
    assert re.search(r"\d\d:\d\d: 1 problem</a>", page)
