"""From a deploy to a cancelled run in a real browser, with and without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Browser, sideways
from tests.support.server import Server

pytestmark = pytest.mark.timeout(300)

SCHEMA = {
    "type": "object",
    "required": ["region"],
    "properties": {
        "region": {"title": "Region", "type": "string", "enum": ["eu", "us"]},
        "days": {"title": "Days", "type": "integer", "minimum": 1, "default": 7},
        "names": {
            "title": "Names",
            "type": "array",
            "items": {"type": "string"},
            "default": ["ada"],
        },
        "mail": {
            "title": "Mail",
            "anyOf": [{"$ref": "#/definitions/Smtp"}, {"type": "string"}],
            "default": "root",
        },
    },
    "definitions": {
        "Smtp": {
            "title": "Smtp",
            "type": "object",
            "required": ["host"],
            "properties": {"host": {"title": "Host", "type": "string"}},
        }
    },
}
NAMES = iter(range(100))


@pytest.fixture
def deployed(server: Server) -> str:
    """A deployment, made as a client makes it; its address."""
    number = next(NAMES)
    api = server.api
    flow = api.post("/flows/", json={"name": f"report-{number}"}).json()
    made = api.post(
        "/deployments/",
        json={
            "name": "nightly",
            "flow_id": flow["id"],
            "description": "Builds the report.",
            "parameter_openapi_schema": SCHEMA,
            "enforce_parameter_schema": True,
            "schedules": [
                {"schedule": {"interval": 3600, "timezone": "UTC"}, "active": True}
            ],
        },
    )
    assert made.status_code == 201, made.text
    return f"/deployments/{made.json()['id']}"


def read(server: Server, address: str) -> Any:
    """What the API says."""
    return server.api.get(address).json()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_deploy_edit_the_schedule_run_with_a_form_cancel(
    browser: Browser, server: Server, deployed: str, javascript: bool
):
    page = browser.open(deployed, javascript=javascript)
    edit_the_schedule(page, javascript=javascript)
    (schedule,) = read(server, deployed)["schedules"]
    assert schedule["schedule"]["cron"] == "30 6 * * 1-5"
    assert schedule["schedule"]["timezone"] == "Europe/Paris"

    fill_in_the_run(page, javascript=javascript)
    expect(page.locator("#run-header .badge")).to_have_attribute(
        "data-state", "scheduled"
    )
    run = read(server, f"/flow_runs/{page.url.rpartition('/')[2]}")
    assert run["parameters"] == {
        "region": "us",
        "days": 3,
        "names": ["ada", "bob"],
        "mail": {"host": "mx"},
    }

    page.click("#run-header a:has-text('Cancel')")
    page.click("button:has-text('Cancel run')")
    expect(page.locator("#run-header .badge")).to_have_attribute(
        "data-state", "cancelled"
    )
    assert read(server, f"/flow_runs/{run['id']}")["state"]["type"] == "CANCELLED"
    pardon_refusals(browser)


def pardon_refusals(browser: Browser) -> None:
    """Chromium reports every answer of status 422; here it is the form with its
    mistakes, and wanted."""
    browser.problems[:] = [said for said in browser.problems if "422" not in said]


def edit_the_schedule(page: Page, *, javascript: bool) -> None:
    """From the hourly interval to half past six on weekdays in Paris."""
    page.click("nav.tabs >> text=Schedules")
    page.click("section.schedule a:has-text('Edit')")
    expect(page.locator("#schedule-preview tbody tr")).to_have_count(10)
    page.check("input[name=kind][value=cron]")
    page.fill("input[name=cron]", "30 6 * * 1-5")
    page.fill("input[name=timezone]", "Europe/Paris")
    if not javascript:
        page.click("button:has-text('Preview')")
    preview = page.locator("#schedule-preview")
    expect(preview).to_contain_text("at 06:30 on weekdays Europe/Paris")
    expect(preview.locator("tbody tr")).to_have_count(10)
    page.click("button:has-text('Save schedule')")
    expect(page.locator(".toast")).to_contain_text("at 06:30 on weekdays")


def fill_in_the_run(page: Page, *, javascript: bool) -> None:
    """Meet a mistake, mend it, and open the run."""
    page.click("a:has-text('Custom run')")
    page.fill("input[name='parameters/days']", "3")
    if not javascript:
        mode = page.locator("select[name='parameters/days:mode']")
        expect(mode).to_have_value("default")
    page.click("button:has-text('Run and open')")
    wrong = page.locator("#wrongs")
    expect(wrong).to_contain_text("Region")
    expect(wrong).to_be_focused()
    assert page.input_value("input[name='parameters/days']") == "3"
    page.check("input[name='parameters/region'][value='\"us\"']")
    page.click("button[value='add:parameters/names']")
    page.fill("input[name='parameters/names/1']", "bob")
    page.check("input[name='parameters/mail:kind'][value='0']")
    page.fill("input[name='parameters/mail:0/host']", "mx")
    page.click("button:has-text('Run and open')")
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}$"))


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_past_dates_are_filled_in_after_a_look(
    browser: Browser, server: Server, deployed: str, javascript: bool
):
    page = browser.open(f"{deployed}/schedules", javascript=javascript)
    page.click("section.schedule a:has-text('Back-fill')")
    page.fill("input[name=start]", "2026-11-01T00:00:00")
    page.fill("input[name=end]", "2026-11-01T05:59:59")
    page.fill("input[name=limit]", "2")
    if not javascript:
        page.click("button:has-text('Look first')")
    preview = page.locator("#backfill-preview")
    expect(preview).to_contain_text("6 runs for 6 dates")
    expect(preview.locator("li")).to_have_count(6)

    page.click("button:has-text('Begin')")
    expect(page).to_have_url(re.compile(r"/backfills/[0-9a-f-]{36}$"))
    header = page.locator("#backfill-header")
    expect(header).to_contain_text("0 of 2 ended")
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    page.click("button:has-text('Pause')")
    expect(header).to_contain_text("Paused")
    page.click("button:has-text('Resume')")
    expect(header).to_contain_text("Running")
    page.click("a:has-text('Cancel')")
    page.click("button:has-text('Cancel back-fill')")
    expect(header).to_contain_text("Cancelled")
    (made,) = read(server, f"/x/v1{deployed}/backfills")
    assert made["status"] == "cancelled"
    assert set(made["runs"]) == {"CANCELLED"}


def test_a_hold_is_put_on_and_lifted(browser: Browser, server: Server, deployed: str):
    page = browser.open(deployed)
    page.click("a:has-text('Hold')")
    page.fill("textarea[name=reason]", "the disk is full")
    page.click("button:has-text('Hold')")
    expect(page.locator("#deployment-header")).to_contain_text("the disk is full")
    assert read(server, deployed)["paused"] is True

    page.click("button:has-text('Release')")

    expect(page.locator("#deployment-header [data-status=held]")).to_have_count(0)
    assert read(server, deployed)["paused"] is False


def test_typing_moves_the_switch_and_the_json_view_holds_the_same(
    browser: Browser, deployed: str
):
    page = browser.open(f"{deployed}/run")
    mode = page.locator("select[name='parameters/days:mode']")
    expect(mode).to_have_value("default")

    page.fill("input[name='parameters/days']", "4")
    expect(mode).to_have_value("value")
    page.click("#parameters button:has-text('JSON')")

    expect(page.locator("textarea[name=parameters]")).to_have_value(
        re.compile('"days": 4')
    )
    page.click("#parameters button:has-text('Form')")
    expect(page.locator("input[name='parameters/days']")).to_have_value("4")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_of_a_deployment_is_strict_and_fits(
    browser: Browser, server: Server, deployed: str, width: int, dark: bool
):
    (schedule,) = read(server, deployed)["schedules"]
    made = server.api.post(
        f"{deployed}/create_flow_run", json={"parameters": {"region": "eu"}}
    )
    run, flow = made.json()["id"], made.json()["flow_id"]
    parts = ["upcoming", "schedules", "parameters", "configuration", "description"]
    forms = ["run", "hold", "delete", "schedules/new", f"schedules/{schedule['id']}"]
    forms += ["backfill", "backfills"]
    span = {"start": "2026-11-01T00:00:00Z", "end": "2026-11-01T05:00:00Z"}
    filled = server.api.post(
        f"/x/v1{deployed}/backfills", json={"schedule_id": schedule["id"], **span}
    ).json()["id"]
    addresses = [
        deployed,
        *(f"{deployed}/{part}" for part in [*parts, *forms]),
        f"{deployed}/run?from={run}",
        f"/runs/{run}/cancel",
        f"/backfills/{filled}",
        f"/backfills/{filled}/cancel",
        f"/flows/{flow}",
        f"/flows/{flow}/deployments",
        f"/flows/{flow}/details",
    ]
    for address in addresses:
        page = browser.open(address, width=width, dark=dark)
        page.wait_for_load_state("networkidle")
        assert sideways(page) <= 0, address
        assert browser.problems == [], address
        page.close()
