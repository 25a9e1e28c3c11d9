"""What all pages have in common: frame, headers, parts, permissions in words."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import OperationalError

from core.clock import now
from core.errors import Conflict
from dashboard.base.page import page
from tests import factories as make

pytestmark = pytest.mark.django_db

EVERY = {"interval": 900, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "UTC"}
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
REFRESH = {**PARTIAL, "HX-Source": "div#live-part"}


@pytest.fixture
def pages() -> list[str]:
    """The address of every page."""
    deployment = make.deployment(description="What it is for", schedules=[EVERY])
    run = make.flow_run(make.failed(), deployment=deployment)
    tabs = ["tasks", "children", "parameters", "details", "why", "retry"]
    runs = [f"/runs/{run.pk}", *(f"/runs/{run.pk}/{tab}" for tab in tabs)]
    one = f"/deployments/{deployment.pk}"
    parts = ["upcoming", "schedules", "parameters", "configuration", "description"]
    parts += ["run", "hold", "delete", "schedules/new", "backfills", "backfill"]
    schedule = f"{one}/schedules/{deployment.schedules.get().pk}"
    deployments = [one, *(f"{one}/{part}" for part in parts), schedule]
    filled = f"/backfills/{make.backfill(deployment).pk}"
    flow = f"/flows/{run.flow_id}"
    flows = ["/flows", flow, f"{flow}/deployments", f"{flow}/details"]
    deployments += [filled, f"{filled}/cancel"]
    return ["/", "/runs", *runs, *flows, "/deployments", *deployments]


def test_every_page_has_a_title_one_heading_and_a_skip_link(client, pages):
    for address in pages:
        text = client.get(address).content.decode()

        assert len(re.findall(r"<h1[ >]", text)) == 1, address
        assert re.search(r"<title>[^<]+ · Orion</title>", text), address
        assert '<a class="skip" href="#main">' in text, address
        for mark in ("<header", '<nav class="rail"', '<main id="main"', "<footer"):
            assert mark in text, (address, mark)
        assert len(re.findall(r' id="([^"]+)"', text)) == len(
            set(re.findall(r' id="([^"]+)"', text))
        ), address


def test_every_page_is_strict_and_not_stored(client, pages):
    for address in [*pages, "/docs"]:
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy, address
        assert "script-src 'self'" in policy, address
        assert "style-src 'self';" in f"{policy};", address
        assert "unsafe" not in policy, address
        assert headers["Referrer-Policy"] == "same-origin"
    for address in pages:
        headers = client.get(address).headers
        assert headers["Cache-Control"] == "no-store, private"
        for name in ("HX-Request", "HX-Request-Type", "HX-History-Restore-Request"):
            assert name in headers["Vary"]


def test_one_address_answers_the_page_or_its_parts(client):
    whole = client.get("/runs").content.decode()
    parts = client.get("/runs", headers=PARTIAL).content.decode()
    restored = client.get(
        "/runs", headers={**PARTIAL, "HX-History-Restore-Request": "true"}
    ).content.decode()

    assert whole.startswith("<!doctype html>")
    assert restored.startswith("<!doctype html>")
    assert parts.startswith("<title>Flow runs")
    targets = re.findall(r'<hx-partial hx-target="#([^"]+)"', parts)
    assert targets == ["runs-head", "runs-list", "alarm", "live-part"]


def test_a_refresh_sends_only_the_parts_that_changed(client):
    run = make.flow_run(make.completed())
    address = f"/runs/{run.pk}"
    tags = re.search(r'hx-ptag="([^"]+)"', client.get(address).content.decode())[1]

    same = client.get(address, headers={**REFRESH, "HX-PTag": tags})
    make.log(run, "a new line")
    changed = client.get(address, headers={**REFRESH, "HX-PTag": tags})

    assert same.status_code == 304
    assert same.content == b""
    parts = re.findall(r'<hx-partial hx-target="#([^"]+)"', changed.content.decode())
    assert parts == ["run-tab"]
    assert changed.headers["HX-PTag"] != tags


def test_a_part_with_a_form_counts_as_unchanged(client):
    make.deployment()
    tags = re.search(r'hx-ptag="([^"]+)"', client.get("/deployments").content.decode())

    same = client.get("/deployments", headers={**REFRESH, "HX-PTag": tags[1]})

    assert same.status_code == 304


def test_a_page_names_its_topics_and_where_it_stands(client):
    run = make.flow_run(make.running())

    text = client.get(f"/runs/{run.pk}").content.decode()

    assert f'data-live="run:{run.pk} logs:{run.pk} system"' in text
    assert "run-changed from:body, logs-changed from:body" in text
    assert re.search(r"since=\d+", text)


def test_unknown_things_are_told_in_the_frame(client):
    for address in ("/nowhere", f"/runs/{uuid4()}", f"/runs/{uuid4()}/nonsense"):
        answer = client.get(address)

        assert answer.status_code == 404, address
        assert b"<h1" in answer.content, address
        assert b'<nav class="rail"' in answer.content, address


def test_what_the_actor_may_not_do_is_told_with_the_permission(rf):
    @page("")
    def secret(request):
        raise AssertionError("the view must not be reached")

    answer = secret(rf.get("/secret"))

    assert answer.status_code == 403


def test_a_refusal_by_the_domain_is_a_page_of_its_own(rf):
    @page("runs.view")
    def refused(request):
        raise Conflict("somebody else was faster")

    answer = refused(rf.get("/refused"))

    assert answer.status_code == 409
    assert b"somebody else was faster" in answer.content


def test_a_database_that_does_not_answer_is_no_fault_of_the_page(rf):
    @page("runs.view")
    def late(request):
        raise OperationalError("database is locked")

    answer = late(rf.get("/late"))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert b"try again" in answer.content


def test_a_form_without_its_token_is_explained_in_our_words(client):
    strict = type(client)(enforce_csrf_checks=True)

    answer = strict.post("/ui/theme", {"theme": "dark"})

    assert answer.status_code == 403
    assert b"<style" not in answer.content
    assert b"Open the page again" in answer.content


@pytest.mark.parametrize("prefix", ["", "/v2"])
def test_addresses_of_other_dashboards_lead_to_ours(client, prefix: str):
    run = make.flow_run(make.completed())
    task = make.task_run(make.completed(), flow_run=run)
    moved = {
        "/dashboard": "/",
        "/flow-runs": "/runs",
        f"/flow-runs/flow-run/{run.pk}": f"/runs/{run.pk}",
        f"/runs/flow-run/{run.pk}": f"/runs/{run.pk}",
        f"/task-runs/task-run/{task.pk}": f"/task-runs/{task.pk}",
        f"/runs/task-run/{task.pk}": f"/task-runs/{task.pk}",
        f"/flows/flow/{run.flow_id}": f"/flows/{run.flow_id}",
        f"/deployments/deployment/{run.pk}": f"/deployments/{run.pk}",
    }
    for theirs, ours in moved.items():
        answer = client.get(prefix + theirs)

        assert (answer.status_code, answer.headers["Location"]) == (301, ours)


def test_a_task_runs_address_leads_to_its_lines(client):
    run = make.flow_run(make.completed(), deployment=make.deployment())
    task = make.task_run(make.completed(), flow_run=run)

    answer = client.get(f"/task-runs/{task.pk}")

    target = f"/runs/{run.pk}?task={task.pk}&level=0"
    assert (answer.status_code, answer.headers["Location"]) == (302, target)


@pytest.mark.parametrize("room", ["flows", "deployments", "runs", "task-runs"])
def test_what_is_not_there_is_said_to_be_gone(client, room: str):
    answer = client.get(f"/{room}/{uuid4()}")

    assert answer.status_code == 404
    assert "may have been deleted" in answer.content.decode()


def test_the_theme_is_kept_in_a_cookie_and_painted_by_the_server(client):
    answer = client.post("/ui/theme", {"theme": "dark", "next": "/runs?since=7d"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/runs?since=7d")
    assert b'<html lang="en" data-theme="dark">' in client.get("/").content
    assert client.post("/ui/theme", {"theme": "pink"}).status_code == 400
    elsewhere = client.post(
        "/ui/theme", {"theme": "light", "next": "https://example.org/"}
    )
    assert elsewhere.headers["Location"] == "/"
    assert client.get("/ui/theme").status_code == 405


def test_times_are_in_the_zone_that_the_browser_said(client):
    assert b'data-zone="UTC"' in client.get("/").content
    client.cookies["orion_zone"] = "Europe%2FParis"
    assert b'data-zone="Europe/Paris"' in client.get("/").content
    client.cookies["orion_zone"] = "../etc/passwd"
    assert b'data-zone="UTC"' in client.get("/").content


def test_texts_that_count_by_themselves_do_not_change_a_part(client):
    make.flow_run(make.scheduled(now() + timedelta(minutes=30)))
    first = client.get("/flows", headers=REFRESH)
    with time_machine.travel(now() + timedelta(minutes=10), tick=False):
        second = client.get("/flows", headers=REFRESH)

    assert "in 30 min" in first.content.decode()
    assert "in 20 min" in second.content.decode()
    assert first.headers["HX-PTag"] == second.headers["HX-PTag"]


def test_our_scripts_listen_before_htmx_starts(client):
    scripts = re.findall(
        r'<script [^>]*src="([^"]+)"', client.get("/").content.decode()
    )

    names = [script.rpartition("/")[2] for script in scripts]
    assert names[0] == "live.js"
    assert names.index("frame.js") < names.index("htmx.min.js")
    assert names.index("htmx.min.js") < names.index("hx-ws.min.js")
