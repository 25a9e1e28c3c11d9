"""Pool, queue, agent and system pages in a real browser, with and without scripts."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.pools import POOLS
from tests.support.browser import Browser, sideways
from tests.support.server import ROOT, Server
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(600)

TABS = ("queues", "workers", "upcoming", "deployments", "template")
ADDRESSES = (
    "/",
    "/system",
    "/agents",
    "/work-pools",
    "/new/work-pool",
    "/work-pools/local",
    *(f"/work-pools/local/{tab}" for tab in TABS),
    "/work-pools/k8s-prod/upcoming",
    "/work-pools/local/edit",
    "/work-pools/local/limit",
    "/work-pools/local/delete",
    "/work-pools/local/new/queue",
    "/work-pools/local/queues/high",
    "/work-pools/local/queues/a-queue-with-quite-a-long-name",
    "/work-pools/local/queues/high/edit",
)


@pytest.fixture(scope="module")
def house(server: Server) -> Server:
    """A server with pools."""
    subprocess.run([sys.executable, "-c", POOLS], cwd=ROOT, env=server.env, check=True)
    return server


def pool(house: Server, name: str) -> Any:
    """A pool as the API tells it."""
    return house.api.get(f"/work_pools/{name}").json()


def wait_for_line(page: Page) -> None:
    """Until the socket is open."""
    expect(page.locator("#live[data-state=on]")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize(
    ("width", "dark"), [(1440, False), (390, True)], ids=["wide", "narrow and dark"]
)
def test_every_page_is_strict_and_fits(
    browser: Browser, house: Server, width: int, dark: bool
):
    for address in ADDRESSES:
        page = browser.open(address, width=width, dark=dark)
        page.wait_for_load_state("load")
        if page.locator("[data-live]").count():
            wait_for_line(page)
        assert sideways(page) <= 0, address
        assert page.locator("h1").count() == 1, address
        assert browser.problems == [], address
        page.close()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_pool_is_paused_and_resumed(
    browser: Browser, house: Server, javascript: bool
):
    page = browser.open("/work-pools", javascript=javascript)
    if javascript:
        wait_for_line(page)

    page.click("button[aria-label='Pause gpu']")
    expect(page.locator(".toast")).to_contain_text("gpu is paused")
    assert pool(house, "gpu")["is_paused"]
    page.click("button[aria-label='Resume gpu']")
    expect(page.locator(".toast")).to_contain_text("hands out runs again")

    assert not pool(house, "gpu")["is_paused"]


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_limit_is_edited_and_a_mistake_is_told(
    browser: Browser, house: Server, javascript: bool
):
    page = browser.open("/work-pools/gpu", javascript=javascript)

    page.click("text=change")
    page.fill("[name=concurrency_limit]", "7")
    page.click("button:has-text('Save')")
    expect(page.locator(".toast")).to_contain_text("at most 7")
    assert pool(house, "gpu")["concurrency_limit"] == 7

    page.goto("/work-pools/gpu/edit")
    page.fill("[name=base_job_template]", "{")
    page.click("button:has-text('Save')")
    expect(page.locator("#wrongs")).to_contain_text("valid JSON")
    assert page.input_value("[name=base_job_template]") == "{"
    browser.problems[:] = [one for one in browser.problems if "422" not in one]


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_queue_is_made_and_moved(browser: Browser, house: Server, javascript: bool):
    name = "with-scripts" if javascript else "without"
    page = browser.open("/work-pools/gpu/queues", javascript=javascript)

    page.click("text=New queue")
    page.fill("[name=name]", name)
    page.fill("[name=priority]", "1")
    page.click("button:has-text('Save')")
    first = page.locator("tbody tr td.name").first
    expect(first).to_contain_text(name)
    page.click(f"button[aria-label='{name} later']")

    expect(first).not_to_contain_text(name)
    expect(page.locator(".toast")).to_contain_text("priority 2")


def test_an_open_page_hears_of_a_pause(browser: Browser, house: Server):
    page = browser.open("/work-pools/local")
    wait_for_line(page)
    house.api.patch("/work_pools/local", json={"is_paused": True})

    badge = page.locator("#pool-header .badge")
    expect(badge).to_have_attribute("data-status", "paused", timeout=20_000)

    house.api.patch("/work_pools/local", json={"is_paused": False})
    expect(badge).not_to_have_attribute("data-status", "paused", timeout=20_000)


def test_late_runs_name_what_is_in_their_way_and_lead_there(
    browser: Browser, house: Server
):
    page = browser.open("/")
    wait_for_line(page)

    late = page.locator("#late li").first
    expect(late).to_contain_text("pool k8s-prod is paused", timeout=60_000)
    expect(page.locator("#needs")).to_contain_text("2 runs are due in it")
    late.locator("a.text-link").click()

    expect(page).to_have_title(re.compile("^k8s-prod"))


def test_the_system_page_knows_every_loop_of_a_running_server(
    browser: Browser, house: Server
):
    def conditions() -> set[str]:
        return {loop["condition"] for loop in house.api.get("/ready").json()["loops"]}

    assert until(lambda: conditions() == {"WELL"}, 120)  # each has ticked once
    page = browser.open("/system")
    told = house.api.get("/ready").json()

    names = page.locator("tr[data-loop]").evaluate_all(
        "rows => rows.map(row => row.dataset.loop)"
    )

    assert sorted(names) == sorted(loop["name"] for loop in told["loops"])
    assert told["trouble"] is None
