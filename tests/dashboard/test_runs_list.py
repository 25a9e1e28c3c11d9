from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from core.clock import now
from tests import factories as make
from work_pools.loops import WhyNot

pytestmark = pytest.mark.django_db


def names(page) -> list[str]:
    """The runs of the list, in order."""
    return re.findall(r'class="name"><a [^>]*>([^<]+)</a>', page.content.decode())


def listed(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/runs?{query}")
    assert page.status_code == 200
    return names(page)


def test_newest_first_and_what_is_still_to_come_is_left_out(client):
    make.flow_run(make.completed(), name="older", at=now() - timedelta(hours=2))
    make.flow_run(make.running(), name="newer")
    make.flow_run(make.scheduled(now() + timedelta(hours=1)), name="future")

    assert listed(client) == ["newer", "older"]
    assert listed(client, "state=SCHEDULED") == ["future"]


def test_the_window_is_a_day_unless_another_is_asked_for(client):
    make.flow_run(make.completed(), name="today")
    make.flow_run(make.completed(), name="last-week", at=now() - timedelta(days=5))

    assert listed(client) == ["today"]
    assert listed(client, "since=7d") == ["today", "last-week"]
    assert listed(client, "since=all") == ["today", "last-week"]
    start = (now() - timedelta(days=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    end = (now() - timedelta(days=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert listed(client, f"from={start}&to={end}") == ["last-week"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=OTTER", ["amber-otter"]),
        ("state=FAILED", ["brisk-heron"]),
        ("state=problem", ["brisk-heron"]),
        ("state=-COMPLETED", ["brisk-heron"]),
        ("state=FAILED&state=COMPLETED", ["brisk-heron", "amber-otter"]),
        ("tag=prod", ["brisk-heron", "amber-otter"]),
        ("tag=prod&tag=eu", ["amber-otter"]),
        ("tag=eu&tag=us&tagmode=any", ["amber-otter"]),
        ("flow=daily", ["amber-otter"]),
        ("deployment=nightly", ["amber-otter"]),
        ("deployment=nightly&state=FAILED", []),
        ("q=", ["brisk-heron", "amber-otter"]),
    ],
)
def test_a_filter_in_the_address_finds(client, query: str, found: list[str]):
    daily = make.flow(name="daily")
    nightly = make.deployment(flow=daily, name="nightly")
    hour = now() - timedelta(hours=1)
    make.flow_run(
        make.completed(),
        name="amber-otter",
        tags=["prod", "eu"],
        deployment=nightly,
        at=hour,
    )
    make.flow_run(make.failed(), name="brisk-heron", tags=["prod"])

    assert listed(client, query) == found


def test_a_run_is_found_by_its_id_and_by_its_beginning(client):
    run = make.flow_run(make.completed(), name="mine")
    make.flow_run(make.completed(), name="other")

    assert listed(client, f"q={run.pk}") == ["mine"]
    assert "mine" in listed(client, f"q={str(run.pk)[:13]}")


def test_flows_and_deployments_are_found_by_id(client):
    run = make.flow_run(make.completed(), deployment=make.deployment())
    make.flow_run(make.completed())

    assert listed(client, f"flow={run.flow_id}") == [run.name]
    assert listed(client, f"deployment={run.deployment_id}") == [run.name]


def test_paging_shows_every_run_once(client):
    start = now() - timedelta(hours=1)
    made = [
        # five of them share their start: the id decides
        make.flow_run(make.completed(), at=start + timedelta(seconds=n // 5)).name
        for n in range(60)
    ]

    seen, address = [], "/runs?n=25"
    while address:
        page = client.get(address)
        seen += names(page)
        older = re.search(r'id="older"[^>]* href="([^"]+)"', page.content.decode())
        address = "/runs" + older[1].replace("&amp;", "&") if older else ""

    assert sorted(seen) == sorted(made)
    assert len(seen) == len(made)


@pytest.mark.parametrize(
    "query",
    [
        "since=never",
        "before=yesterday",
        "before=2026-11-21T00:00:00~nobody",
        "n=7",
        "from=noon",
        "from=2026-11-22&to=2026-11-21",
        "q=" + "x" * 5000,
    ],
)
def test_an_address_that_cannot_be_read_is_answered_with_what_was_wanted(
    client, query: str
):
    page = client.get(f"/runs?{query}")

    assert page.status_code == 400
    assert b"<h1" in page.content


def test_a_late_run_says_why(client):
    pool = make.work_pool(name="k8s-prod", is_paused=True)
    make.flow_run(make.late(), work_queue=pool.default_queue)
    WhyNot().tick(now())

    page = client.get("/runs").content.decode()

    assert "pool k8s-prod is paused" in page
    assert re.search(r"data-tick=\"late\"[^>]*>1 min late<", page)


def test_a_failed_run_says_why_and_a_success_says_nothing(client):
    make.flow_run(make.failed("Flow run encountered an exception: KeyError: 'x'"))
    ended = make.completed()
    make.flow_run(type(ended)("COMPLETED", message="All states completed."))

    page = client.get("/runs").content.decode()

    assert ">KeyError: &#x27;x&#x27;</td>" in page
    assert "All states completed" not in page


def test_progress_counts_the_tasks_of_a_run(client):
    run = make.flow_run(make.running())
    for state in (make.completed(), make.failed(), make.running()):
        make.task_run(state, flow_run=run)

    assert ">2/3</td>" in client.get("/runs").content.decode()


def test_an_applied_filter_is_a_chip_that_removes_itself(client):
    page = client.get("/runs?state=FAILED&tag=prod").content.decode()

    assert 'class="chip" href="?tag=prod"' in page
    assert 'class="chip" href="?state=FAILED"' in page


def test_nothing_found_offers_the_way_out(client):
    make.flow_run(make.completed(), at=now() - timedelta(days=3))

    page = client.get("/runs").content.decode()

    assert "Nothing matches" in page
    assert "Look at any time</a>: 1 run" in page


def test_no_runs_at_all_says_how_one_appears(client):
    page = client.get("/runs").content.decode()

    assert "PREFECT_API_URL=http://testserver/api" in page


def test_the_chart_covers_the_window_and_what_is_to_come(client):
    make.flow_run(make.failed())
    make.flow_run(make.scheduled(now() + timedelta(minutes=30)))

    page = client.get("/runs").content.decode()

    assert "last 24 hours: 1, 1 to come" in page
    assert 'class="failed mark"' in page
    assert 'class="scheduled mark"' in page
