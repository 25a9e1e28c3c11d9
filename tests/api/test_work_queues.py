"""The room of queues that classic agents poll."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.clock import now
from core.ids import uuid7
from tests import factories
from tests.api.conftest import Api
from work_pools.models import WorkQueue

MISSING = {"detail": "work queue not found"}


def made(api: Api, name: str = "q", **fields: Any) -> dict[str, Any]:
    """A queue made over the API."""
    answer = api.post("/work_queues/", {"name": name, **fields})
    assert answer.status == 201, answer.content
    row: dict[str, Any] = answer.json
    return row


def test_a_queue_is_made_in_the_pool_that_agents_poll(api2: Api) -> None:
    missing = api2.get("/work_queues/name/q")

    queue = made(api2)

    assert (missing.status, missing.json) == (404, MISSING)
    assert queue["work_pool_name"] == "default-agent-pool"
    assert api2.get("/work_queues/name/q").json["id"] == queue["id"]
    assert api2.get(f"/work_queues/{queue['id']}").json["name"] == "q"
    assert api2.post("/work_queues/", {"name": "q"}).status == 409


def test_a_queue_is_changed_and_deleted(api2: Api) -> None:
    address = f"/work_queues/{made(api2)['id']}"

    changed = api2.patch(address, {"is_paused": True, "concurrency_limit": 2})
    queue = api2.get(address).json
    gone = api2.delete(address)

    assert (changed.status, gone.status) == (204, 204)
    assert (queue["status"], queue["concurrency_limit"]) == ("PAUSED", 2)
    assert api2.get(address).json == MISSING
    assert api2.patch(f"/work_queues/{uuid7()}", {}).json == MISSING


def test_queues_of_all_pools_are_listed_by_name(api2: Api) -> None:
    made(api2, "b")
    factories.work_queue(name="a")

    rows = api2.post("/work_queues/filter", {"work_queues": None}).json
    some = api2.post(
        "/work_queues/filter", {"work_queues": {"name": {"startswith_": ["A"]}}}
    ).json

    assert [row["name"] for row in rows] == ["a", "b", "default", "default"]
    assert [row["name"] for row in some] == ["a"]


def test_an_agent_is_offered_due_runs_of_its_queue(api2: Api) -> None:
    queue = WorkQueue.objects.get(pk=made(api2)["id"])
    due = factories.flow_run(factories.late(), work_queue=queue)
    by_name = factories.flow_run(factories.scheduled(), work_queue_name="q")
    factories.flow_run(
        factories.scheduled(now() + timedelta(hours=1)), work_queue=queue
    )
    factories.flow_run(factories.scheduled(), work_queue=factories.work_queue(name="q"))

    answer = api2.post(
        f"/work_queues/{queue.pk}/get_runs",
        {"limit": 10, "scheduled_before": str(now() + timedelta(seconds=10))},
    )

    assert [row["id"] for row in answer.json] == [str(due.pk), str(by_name.pk)]
    assert answer.json[0]["state"]["name"] == "Late"
    assert answer.json[0]["work_pool_name"] == "default-agent-pool"


def test_a_queue_with_a_filter_selects_by_it(api2: Api) -> None:
    deployment = factories.deployment()
    by_tag = made(api2, "tags", filter={"tags": ["a"]})
    by_deployment = made(api2, "ids", filter={"deployment_ids": [str(deployment.pk)]})
    tagged = factories.flow_run(factories.scheduled(), tags=["a", "b"])
    deployed = factories.flow_run(factories.scheduled(), deployment=deployment)

    def offered(queue: dict[str, Any]) -> list[str]:
        rows = api2.post(f"/work_queues/{queue['id']}/get_runs").json
        return [row["id"] for row in rows]

    assert offered(by_tag) == [str(tagged.pk)]
    assert offered(by_deployment) == [str(deployed.pk)]


def test_a_page_that_looks_does_not_count_as_a_poll(api2: Api) -> None:
    address = f"/work_queues/{made(api2)['id']}"

    api2.call("POST", f"{address}/get_runs", {}, headers={"X-Prefect-UI": "true"})
    looked = api2.get(address).json
    api2.post(f"{address}/get_runs")
    polled = api2.get(address).json

    assert (looked["last_polled"], looked["status"]) == (None, "NOT_READY")
    assert polled["status"] == "READY"


def test_a_queue_is_healthy_while_it_is_polled_and_nothing_is_late(api2: Api) -> None:
    queue = WorkQueue.objects.get(pk=made(api2)["id"])
    address = f"/work_queues/{queue.pk}"
    unpolled = api2.get(f"{address}/status").json
    api2.post(f"{address}/get_runs")
    healthy = api2.get(f"{address}/status").json

    factories.flow_run(factories.late(), work_queue=queue)

    assert (unpolled["healthy"], healthy["healthy"]) == (False, True)
    late = api2.get(f"{address}/status").json
    assert (late["healthy"], late["late_runs_count"]) == (False, 1)
    assert late["health_check_policy"] == {
        "maximum_late_runs": 0,
        "maximum_seconds_since_last_polled": 60,
    }


def test_runs_that_hold_slots_of_a_queue_are_listed(api: Api) -> None:
    queue = WorkQueue.objects.get(pk=made(api, concurrency_limit=3)["id"])
    for state in (factories.running(), factories.cancelling(), factories.completed()):
        factories.flow_run(state, work_queue=queue, name=state.type.lower())

    address = f"/work_queues/{queue.pk}/concurrency_status"
    told = api.post(address, {"limit": 1, "page": 2}).json

    assert (told["active_slots"], told["count"], told["pages"]) == (2, 2, 2)
    assert (told["concurrency_limit"], told["page"], told["limit"]) == (3, 2, 1)
    assert [run["name"] for run in told["flow_runs"]] == ["cancelling"]
    assert api.post(f"/work_queues/{uuid7()}/concurrency_status").json == MISSING
