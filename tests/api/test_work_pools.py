"""The rooms of work pools: pools, queues, workers, hand-out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from tests import factories
from tests.api.conftest import Api
from work_pools.models import Worker, WorkQueue

TEMPLATE = {
    "job_configuration": {"command": "{{ command }}"},
    "variables": {"type": "object", "properties": {"command": {"type": "string"}}},
}


def test_a_pool_comes_with_its_default_queue(api: Api) -> None:
    body = {"name": "p", "type": "process", "base_job_template": TEMPLATE}

    made = api.post("/work_pools/", body)

    assert made.status == 201, made.content
    assert (made.json["type"], made.json["status"]) == ("process", "NOT_READY")
    queue = api.get("/work_pools/p/queues/default").json
    assert (queue["id"], queue["priority"]) == (made.json["default_queue_id"], 1)
    assert queue["work_pool_name"] == "p"
    assert api.get("/work_pools/p").json == made.json


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "taken"}, 409),
        ({"name": "Prefect-pool"}, 403),
        ({"name": "a/b"}, 422),
        ({"name": ""}, 422),
        ({}, 422),
        ({"name": "p", "concurrency_limit": -1}, 422),
        ({"name": "p", "base_job_template": {"variables": {}}}, 422),
        (
            {
                "name": "p",
                "base_job_template": {
                    "job_configuration": {"x": [{"y": "{{ nope }}"}]},
                    "variables": {},
                },
            },
            422,
        ),
    ],
)
def test_a_pool_that_cannot_be_is_refused(
    api: Api, body: dict[str, Any], status: int
) -> None:
    factories.work_pool(name="taken")

    assert api.post("/work_pools/", body).status == status


def test_pools_of_classic_agents_show_no_status(api: Api) -> None:
    assert api.post("/work_pools/", {"name": "p"}).json["status"] is None


def test_a_pool_is_ready_while_a_worker_lives(api: Api) -> None:
    pool = factories.work_pool(name="p")
    factories.worker(pool, last_heartbeat=now() - timedelta(seconds=91))
    before = api.get("/work_pools/p").json["status"]

    beat = api.post("/work_pools/p/workers/heartbeat", {"name": "w"})

    assert (before, beat.status, beat.content) == ("NOT_READY", 204, b"")
    assert api.get("/work_pools/p").json["status"] == "READY"
    api.patch("/work_pools/p", {"is_paused": True})
    assert api.get("/work_pools/p").json["status"] == "PAUSED"


def test_a_patch_of_a_pool_changes_just_what_is_sent(api: Api) -> None:
    factories.work_pool(name="p", concurrency_limit=3, description="one")

    answer = api.patch("/work_pools/p", {"concurrency_limit": None, "is_paused": None})

    assert answer.status == 204
    pool = api.get("/work_pools/p").json
    assert (pool["concurrency_limit"], pool["description"]) == (None, "one")


def test_an_unknown_pool_is_named(api: Api) -> None:
    text = {"detail": 'Work pool "nope" not found.'}

    for answer in (
        api.get("/work_pools/nope"),
        api.patch("/work_pools/nope", {}),
        api.delete("/work_pools/nope"),
        api.post("/work_pools/nope/queues/filter"),
        api.post("/work_pools/nope/get_scheduled_flow_runs"),
        api.post("/work_pools/nope/workers/heartbeat", {"name": "w"}),
    ):
        assert (answer.status, answer.json) == (404, text)


def test_pools_are_filtered_and_counted(api: Api) -> None:
    factories.work_pool(name="b")
    factories.work_pool(name="a", type="docker")

    every = api.post("/work_pools/filter", {"work_pools": None, "limit": None})
    some = api.post(
        "/work_pools/filter", {"work_pools": {"type": {"any_": ["docker"]}}}
    )

    assert [pool["name"] for pool in every.json] == ["a", "b"]
    assert [pool["name"] for pool in some.json] == ["a"]
    assert api.post("/work_pools/count").json == 2


def test_deleting_a_pool_leaves_its_runs_without_one(api: Api) -> None:
    pool = factories.work_pool(name="p")
    run = factories.flow_run(factories.scheduled(), work_queue=pool.default_queue)

    assert api.delete("/work_pools/p").status == 204

    assert api.get(f"/flow_runs/{run.pk}").json["work_queue_id"] is None


def test_priorities_of_queues_stay_apart(api: Api) -> None:
    factories.work_pool(name="p")

    def priorities() -> dict[str, int]:
        rows = api.post("/work_pools/p/queues/filter").json
        return {row["name"]: row["priority"] for row in rows}

    api.post("/work_pools/p/queues", {"name": "low"})
    api.post("/work_pools/p/queues", {"name": "top", "priority": 1})
    assert priorities() == {"top": 1, "default": 2, "low": 3}

    api.patch("/work_pools/p/queues/low", {"priority": 1})
    assert priorities() == {"low": 1, "top": 2, "default": 3}

    api.patch("/work_pools/p/queues/low", {"priority": 3})
    assert priorities() == {"top": 1, "default": 2, "low": 3}

    api.delete("/work_pools/p/queues/top")
    assert priorities() == {"default": 1, "low": 2}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/work_pools/p/queues", {"name": "default"}, 409),
        ("POST", "/work_pools/p/queues", {"name": "q", "priority": 0}, 422),
        ("PATCH", "/work_pools/p/queues/q", {"name": "default"}, 409),
        ("DELETE", "/work_pools/p/queues/default", None, 409),
        ("GET", "/work_pools/p/queues/nope", None, 404),
    ],
)
def test_a_queue_that_cannot_be_is_refused(
    api: Api, method: str, path: str, body: Any, status: int
) -> None:
    pool = factories.work_pool(name="p")
    factories.work_queue(pool, name="q", priority=2)

    answer = api.call(method, path, body)

    assert answer.status == status
    if status == 404:
        assert answer.json == {"detail": "Work pool queue 'p/nope' not found."}


def test_workers_are_listed_by_their_status(api: Api) -> None:
    pool = factories.work_pool(name="p")
    factories.worker(pool, name="gone", last_heartbeat=now() - timedelta(hours=1))
    api.post(
        "/work_pools/p/workers/heartbeat",
        {"name": "alive", "heartbeat_interval_seconds": 30},
    )
    online = {"workers": {"status": {"any_": ["ONLINE"]}}}

    every = api.post("/work_pools/p/workers/filter").json
    some = api.post("/work_pools/p/workers/filter", online).json

    assert [(row["name"], row["status"]) for row in every] == [
        ("alive", "ONLINE"),
        ("gone", "OFFLINE"),
    ]
    assert [row["name"] for row in some] == ["alive"]
    assert some[0]["heartbeat_interval_seconds"] == 30


def test_a_heartbeat_without_interval_keeps_the_known_one(api: Api) -> None:
    factories.work_pool(name="p")
    address = "/work_pools/p/workers/heartbeat"

    api.post(address, {"name": "w", "heartbeat_interval_seconds": 7})
    api.post(address, {"name": "w"})

    assert Worker.objects.get().heartbeat_interval_seconds == 7


def test_a_worker_can_be_forgotten(api: Api) -> None:
    factories.worker(factories.work_pool(name="p"), name="w")

    assert api.delete("/work_pools/p/workers/w").status == 204
    missing = api.delete("/work_pools/p/workers/w")
    assert (missing.status, missing.json) == (404, {"detail": "Worker not found."})


def test_a_worker_is_offered_due_runs(api: Api) -> None:
    pool = factories.work_pool(name="p")
    run = factories.flow_run(factories.scheduled(), work_queue=pool.default_queue)
    body = {
        "work_queue_names": [],
        "scheduled_before": str(now() + timedelta(seconds=10)),
        "limit": None,
    }

    (offered,) = api.post("/work_pools/p/get_scheduled_flow_runs", body).json

    assert offered["work_pool_id"] == str(pool.pk)
    assert offered["work_queue_id"] == str(pool.default_queue.pk)
    assert offered["flow_run"]["id"] == str(run.pk)
    assert offered["flow_run"]["state"] is None
    assert offered["flow_run"]["work_pool_name"] == "p"


def test_polling_an_unknown_queue_is_a_mistake(api: Api) -> None:
    factories.work_pool(name="p")

    answer = api.post(
        "/work_pools/p/get_scheduled_flow_runs", {"work_queue_names": ["nope"]}
    )

    assert answer.status == 404


def test_polls_are_noted_once_in_ten_seconds(api: Api) -> None:
    pool = factories.work_pool(name="p")

    def noted() -> Any:
        api.post("/work_pools/p/get_scheduled_flow_runs")
        return WorkQueue.objects.get(pk=pool.default_queue.pk).last_polled

    first, again = noted(), noted()

    assert first is not None
    assert first == again
    assert api.get("/work_pools/p/queues/default").json["status"] == "READY"


def test_clients_find_what_a_process_worker_needs(api: Api) -> None:
    answer = api.get("/collections/views/aggregate-worker-metadata").json

    process = answer["prefect"]["process"]
    assert process["type"] == "process"
    made = api.post(
        "/work_pools/",
        {
            "name": "p",
            "type": "process",
            "base_job_template": process["default_base_job_configuration"],
        },
    )
    assert made.status == 201
    missing = api.get("/collections/views/nope")
    assert missing.json == {"detail": "View nope not found in registry"}


def test_slots_in_use_are_told_by_queue(api: Api) -> None:
    pool = factories.work_pool(name="p", concurrency_limit=9)
    other = factories.work_queue(pool, name="other", priority=2, concurrency_limit=4)
    factories.work_queue(pool, name="idle", priority=3)
    start = now() - timedelta(hours=1)
    for number, state in enumerate((factories.running(), factories.pending())):
        at = start + timedelta(minutes=number)
        factories.flow_run(state, at=at, work_queue=other, name=f"run-{number}")
    factories.flow_run(factories.running(), work_queue=pool.default_queue)
    factories.flow_run(factories.cancelling(), work_queue=other)

    address = "/work_pools/p/concurrency_status"
    told = api.post(address, {"page": 1, "limit": 2, "flow_run_limit": 1}).json

    sums = {k: told[k] for k in ("active_slots", "concurrency_limit", "count", "pages")}
    assert sums == {"active_slots": 3, "concurrency_limit": 9, "count": 3, "pages": 2}
    assert [queue["queue_name"] for queue in told["queues"]] == ["default", "other"]
    busy = told["queues"][1]
    assert (busy["active_slots"], busy["flow_run_count"]) == (2, 2)
    (holder,) = busy["flow_runs"]
    assert (holder["name"], holder["state_type"]) == ("run-0", "RUNNING")
    assert holder["time_in_current_state"] >= 3600
    second = api.post(address, {"page": 2, "limit": 2}).json
    assert [queue["queue_name"] for queue in second["queues"]] == ["idle"]
    assert api.get("/work_pools/p").json["active_slots"] == 3
    assert api.get("/work_pools/p/queues/other").json["active_slots"] == 2
    assert api.post(address, {"page": 0}).status == 422
    assert api.post("/work_pools/nope/concurrency_status").status == 404
