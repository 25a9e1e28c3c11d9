from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.clock import now
from tests import factories as make

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


def test_late_runs_name_what_is_in_their_way(client):
    pool = make.work_pool(name="gpu")
    make.flow_run(make.late(), work_queue=pool.default_queue)

    shown = panel(home(client), "late")

    assert "no worker has asked pool gpu for work yet" in shown


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
