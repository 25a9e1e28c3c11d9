"""The pages in a real browser, on the real server, strict from end to end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Response, WebSocketRoute, expect

from tests.dashboard.seeds import PROPOSE, SEED
from tests.support.browser import Browser, sideways
from tests.support.server import ROOT, Server

pytestmark = pytest.mark.timeout(600)


class Beside:
    """Another process that proposes states."""

    def __init__(self, server: Server) -> None:
        self.process = start(server, PROPOSE)

    def propose(self, id: str, type: str, name: str) -> float:
        """Make a transition; the moment it was committed."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{id} {type} {name}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self.process.communicate(timeout=30)


def start(server: Server, program: str) -> subprocess.Popen[str]:
    """A program beside the server."""
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=server.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def house(server: Server) -> dict[str, str]:
    """A server with runs in it; ids of a failed, a running and a spare one."""
    out, _ = start(server, SEED).communicate(timeout=120)
    found: dict[str, str] = json.loads(out.splitlines()[-1])
    return found


@pytest.fixture
def beside(server: Server) -> Iterator[Beside]:
    """Another process on the same database."""
    other = Beside(server)
    yield other
    other.close()


def addresses(house: dict[str, str]) -> list[str]:
    """Every page."""
    tabs = ["tasks", "children", "parameters", "details", "why"]
    run = f"/runs/{house['failed']}"
    admin = f"/admin/orion_runs/flowrun/{house['failed']}/change/"
    lists = ["/", "/runs", "/runs?state=problem&since=7d", "/flows", "/deployments"]
    more = [
        "/runs?q=nobody",
        "/docs",
        "/redoc",
        "/admin/",
        "/admin/orion_runs/flowrun/",
    ]
    return [*lists, run, *(f"{run}/{tab}" for tab in tabs), *more, admin]


def wait_for_line(page: Page) -> None:
    """Until the socket is open."""
    expect(page.locator("#live[data-state=on]")).to_be_visible(timeout=20_000)


def names(page: Page) -> list[str]:
    """The runs of the list, in order."""
    return page.locator("#rows td.name a").all_inner_texts()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_strict_and_fits(
    browser: Browser, house: dict[str, str], width: int, dark: bool
):
    for address in addresses(house):
        page = browser.open(address, width=width, dark=dark)
        page.wait_for_load_state("networkidle")
        if page.locator("[data-live]").count():
            wait_for_line(page)
        assert sideways(page) <= 0, address
        assert browser.problems == [], address
        page.close()


def test_a_transition_in_another_process_reaches_an_open_run_page(
    browser: Browser, house: dict[str, str], beside: Beside
):
    page = browser.open(f"/runs/{house['running']}")
    wait_for_line(page)
    took = []

    for state, name in [("PAUSED", "Paused"), ("RUNNING", "Running")] * 3:
        made = beside.propose(house["running"], state, name)
        badge = page.locator(f"#run-header .badge[data-state={state.lower()}]")
        badge.wait_for(timeout=10_000)
        took.append(time.time() - made)

    assert max(took) <= 2
    expect(page).to_have_title("Running · calm-heron · Runs · Orion")


def test_a_transition_reaches_the_list_and_does_not_move_a_reader(
    browser: Browser, house: dict[str, str], beside: Beside
):
    page = browser.open("/runs")
    row = page.locator(f'tr[data-id="{house["running"]}"]')
    wait_for_line(page)

    beside.propose(house["running"], "PAUSED", "Paused")
    expect(row).to_have_attribute("data-state", "paused", timeout=3000)
    page.locator("#older").click()
    expect(page.locator("tbody[data-more] tr").first).to_be_visible()
    beside.propose(house["running"], "RUNNING", "Running")

    expect(page.locator("#held")).to_be_visible()
    expect(row).to_have_attribute("data-state", "paused")
    page.locator("#held").click()
    expect(row).to_have_attribute("data-state", "running")


def test_an_idle_tab_makes_no_requests(browser: Browser, house: dict[str, str]):
    page = browser.open(f"/runs/{house['failed']}")
    wait_for_line(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.wait_for_timeout(5000)

    assert asked == []


def test_without_its_line_a_page_says_so_and_asks_by_itself(
    browser: Browser, house: dict[str, str], beside: Beside
):
    context = browser.chromium.new_context(base_url=browser.url)
    page = context.new_page()

    def cut(line: WebSocketRoute) -> None:
        line.close(code=1012)

    page.route_web_socket(re.compile("/ui/live"), cut)
    page.goto(f"/runs/{house['running']}")

    expect(page.locator("#offline")).to_be_visible(timeout=8000)
    beside.propose(house["running"], "PAUSED", "Paused")
    badge = page.locator("#run-header .badge[data-state=paused]")
    expect(badge).to_be_visible(timeout=15_000)
    beside.propose(house["running"], "RUNNING", "Running")


def test_filters_work_while_typing_and_come_back_with_the_page(
    browser: Browser, house: dict[str, str]
):
    page = browser.open("/runs")
    wait_for_line(page)
    page.fill("#q", "stoat")
    expect(page).to_have_url(re.compile(r"/runs\?q=stoat$"))
    expect(page.locator("#rows td.name a")).to_have_text(["vivid-stoat"])
    page.click("summary:has-text('State')")
    page.check("input[name=state][value=done]")
    expect(page.get_by_text("Nothing matches")).to_be_visible()

    page.go_back()

    expect(page.locator("#rows td.name a")).to_have_text(["vivid-stoat"])
    expect(page.locator("nav.rail")).to_have_count(1)
    assert page.input_value("#q") == "stoat"


def test_a_first_visit_is_soon_told_in_the_readers_zone(
    browser: Browser, house: dict[str, str]
):
    context = browser.chromium.new_context(
        base_url=browser.url, timezone_id="Australia/Adelaide"
    )
    page = context.new_page()

    def is_refresh(response: Response) -> bool:
        return response.request.headers.get("hx-source") == "div#live-part"

    with page.expect_response(is_refresh) as refresh:
        page.goto("/runs")

    assert refresh.value.status == 200
    expect(page.locator("#zone")).to_have_text("Australia/Adelaide")
    start = page.locator("#rows time[data-as=clock]").first
    at = datetime.fromisoformat(start.get_attribute("datetime") or "")
    here = at.astimezone(ZoneInfo("Australia/Adelaide"))
    expect(start).to_have_text(re.compile(f"{here:%H:%M}$"))


def test_links_swap_the_page_and_lead_to_its_heading(
    browser: Browser, house: dict[str, str]
):
    page = browser.open("/")
    wait_for_line(page)
    page.evaluate("window.kept = true")

    page.click("nav.rail >> text=Flows")

    expect(page).to_have_title("Flows · Orion")
    expect(page.locator("h1")).to_be_focused()
    assert page.evaluate("window.kept") is True
    wait_for_line(page)


def test_the_narrow_menu_opens_without_scripts(browser: Browser, house: dict[str, str]):
    page = browser.open("/", width=390, javascript=False)
    expect(page.locator("nav.rail")).to_be_hidden()

    page.click(".burger")
    page.click("nav.rail >> text=Deployments")

    expect(page).to_have_title("Deployments · Orion")


def test_filters_and_paging_work_without_scripts(
    browser: Browser, house: dict[str, str]
):
    page = browser.open("/runs", javascript=False)
    page.fill("#q", "otter")
    page.click("summary:has-text('State')")
    page.check("input[name=state][value=COMPLETED]")
    page.click("button:has-text('Apply')")
    assert "state=COMPLETED" in page.url
    first = names(page)

    page.click("#older")

    second = names(page)
    assert len(first) == 50
    assert second
    assert not set(first) & set(second)
    assert all("otter" in name for name in first + second)


def test_a_phone_without_scripts_reaches_all_filters(
    browser: Browser, house: dict[str, str]
):
    page = browser.open("/runs", width=390, javascript=False)
    page.click("label.fold-name")
    page.click("summary:has-text('Deployment')")
    assert sideways(page) <= 0
    page.check("input[name=deployment]")
    page.select_option("select[name=since]", "7d")
    page.click("button:has-text('Apply')")

    assert "since=7d" in page.url
    assert "deployment=" in page.url


def test_logs_are_filtered_without_scripts(browser: Browser, house: dict[str, str]):
    page = browser.open(f"/runs/{house['failed']}", javascript=False)
    page.select_option("select[name=level]", "40")
    page.click("#log-filters button:has-text('Apply')")

    levels = page.locator("#log-lines li").evaluate_all(
        "rows => rows.map(row => Number(row.dataset.level))"
    )
    assert levels
    assert min(levels) >= 40


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_the_run_button_makes_a_run(
    browser: Browser, server: Server, house: dict[str, str], javascript: bool
):
    page = browser.open("/deployments", javascript=javascript)
    if javascript:
        wait_for_line(page)

    page.click("tr:has-text('daily-etl') button:has-text('Run')")

    toast = page.locator(".toast a")
    expect(toast).to_be_visible()
    id = (toast.get_attribute("href") or "").rpartition("/")[2]
    made: Any = server.api.get(f"/flow_runs/{id}").json()
    assert made["state"]["type"] == "SCHEDULED"
    assert made["name"] == toast.inner_text()


def test_a_state_change_in_the_admin_leaves_a_decision(
    browser: Browser, house: dict[str, str]
):
    page = browser.open(f"/admin/orion_runs/flowrun/{house['spare']}/change/")
    page.select_option("select[name=propose]", "CANCELLING")
    page.click("input[name=_save]")
    refused = page.locator(".messagelist").inner_text()
    page.goto(f"/admin/orion_runs/flowrun/{house['spare']}/change/")
    page.select_option("select[name=propose]", "CANCELLED")
    page.fill("textarea[name=message]", "no longer wanted")
    page.check("input[name=force]")
    page.click("input[name=_save]")

    page.goto(f"/runs/{house['spare']}/why")

    told = page.locator("ol.why li").all_inner_texts()
    assert "ABORT" in refused
    assert "no longer wanted" in told[0]
    assert "SetInAdmin" in told[0]
    assert "ABORT" in told[1]


def test_keys_lead_around(browser: Browser, house: dict[str, str]):
    page = browser.open("/")
    wait_for_line(page)
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_title("Flow runs · Runs · Orion")

    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == names(page)[1]
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()


def test_the_theme_is_painted_by_the_server(browser: Browser, house: dict[str, str]):
    page = browser.open("/")
    wait_for_line(page)
    page.click("summary.who")
    page.click("button:has-text('Dark')")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(15, 18, 23)"
