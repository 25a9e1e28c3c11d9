"""`python do.py up` from a fresh clone, as a newcomer types it: the main job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.postgres import free_port
from tests.support.up import RUN_LINE, Up

CITIES = ["Kyiv", "Lima", "Oslo", "Pune"]
DEGREES = [sum(city.encode()) % 300 / 10 for city in CITIES]
MEAN = round(sum(DEGREES) / len(DEGREES), 1)


@pytest.fixture(scope="module")
def up(checkout: Path, empty_home: Path) -> Iterator[Up]:
    """The first `up` on this machine."""
    running = Up(checkout, empty_home, free_port())
    try:
        running.finished_run(within=240)
        yield running
    finally:
        running.close()


class Api:
    """What the tests ask."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=f"{url}/api", timeout=30, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def found(self, noun: str, **body: Any) -> list[dict[str, Any]]:
        answer = self.client.post(f"/{noun}/filter", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def api(up: Up) -> Iterator[Api]:
    asking = Api(up.url)
    with asking.client:
        yield asking


@pytest.fixture(scope="module")
def run(up: Up, api: Api) -> dict[str, Any]:
    """The finished run whose address was printed."""
    return api.get(f"/flow_runs/{up.finished_run(within=1)}")


@pytest.fixture(scope="module")
def tasks(api: Api, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Its task runs."""
    return api.found("task_runs", flow_runs={"id": {"any_": [run["id"]]}})


def test_it_prints_the_dashboard_and_the_finished_run(up: Up, run: dict[str, Any]):
    assert up.url in up.output
    page = RUN_LINE.search(up.output)
    assert page
    shown = httpx.get(page.group(0), trust_env=False, timeout=30)
    assert shown.status_code == 200
    assert run["name"] in shown.text


def test_the_run_was_scheduled_claimed_and_completed(api: Api, run: dict[str, Any]):
    history = api.get("/flow_run_states/", flow_run_id=run["id"])

    assert [state["name"] for state in history] == [
        "Scheduled",
        "Pending",
        "Running",
        "Completed",
    ]
    assert run["auto_scheduled"] is True
    assert run["deployment_id"]


def test_the_returned_value_is_shown(run: dict[str, Any]):
    assert run["state"]["data"] == {"type": "literal", "value": MEAN}


def test_the_retry_is_in_the_history(api: Api, tasks: list[dict[str, Any]]):
    (connect,) = [task for task in tasks if task["name"].startswith("connect")]

    history = api.get("/task_run_states/", task_run_id=connect["id"])

    names = [state["name"] for state in history]
    assert names.count("AwaitingRetry") == 1
    assert names[-1] == "Completed"
    assert connect["run_count"] == 2


def test_every_city_has_a_mapped_task(tasks: list[dict[str, Any]]):
    mapped = [task for task in tasks if task["name"].startswith("measure")]

    assert len(mapped) == len(CITIES)
    assert {task["state"]["type"] for task in mapped} == {"COMPLETED"}


def test_the_subflow_is_linked_to_its_parent(
    api: Api, run: dict[str, Any], tasks: list[dict[str, Any]]
):
    parent = {"parent_flow_run_id": {"any_": [run["id"]]}}
    (child,) = api.found("flow_runs", flow_runs=parent)

    (mirror,) = [task for task in tasks if task["id"] == child["parent_task_run_id"]]
    assert child["state"]["type"] == mirror["state"]["type"] == "COMPLETED"
    assert mirror["state"]["state_details"]["child_flow_run_id"] == child["id"]


def test_the_logs_arrived(api: Api, run: dict[str, Any]):
    mine = {"flow_run_id": {"any_": [run["id"]]}}
    messages = [line["message"] for line in api.found("logs", logs=mine)]

    assert "connected to station-7" in messages
    assert f"{len(CITIES)} cities, {MEAN} degrees on average" in messages
    assert sum("reports" in message for message in messages) == len(CITIES)
