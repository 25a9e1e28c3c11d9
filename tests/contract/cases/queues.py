"""Work queues as classic agents know them, by id and by name."""

from __future__ import annotations

from tests.contract.script import delete, deployment, flow, get, patch, post, run_of
from tests.golden.script import case

MAKE = {"name": "queue-$token"}
QUEUE = "/work_queues/$queue"

CASES = [
    case(
        "queues/made and read",
        post("/work_queues/", MAKE, queue="id"),
        get(QUEUE),
        get("/work_queues/name/queue-$token"),
        get("/work_queues/name/nobody-$token"),
        get("/work_queues/$nobody"),
        get(f"{QUEUE}/status"),
    ),
    case(
        "queues/made with everything",
        post(
            "/work_queues/",
            {**MAKE, "description": "d", "is_paused": True, "concurrency_limit": 2},
            queue="id",
        ),
    ),
    case(
        "queues/changed and deleted",
        post("/work_queues/", MAKE, queue="id"),
        patch(QUEUE, {"description": "x", "is_paused": True, "concurrency_limit": 3}),
        get(QUEUE),
        patch("/work_queues/$nobody", {"description": "x"}),
        delete(QUEUE),
        delete(QUEUE),
        get(QUEUE),
    ),
    case(
        "queues/refused",
        post("/work_queues/", {}),
        post("/work_queues/", {"name": "a/b"}),
        post("/work_queues/filter", {"limit": 500}),
    ),
    case(
        "queues/polled by an agent",
        flow(),
        deployment(work_queue_name="queue-$token"),
        get("/work_queues/name/queue-$token", queue="id"),
        run_of(),
        post(f"{QUEUE}/get_runs", {"limit": 3, "scheduled_before": "$now+60s"}),
        post(f"{QUEUE}/get_runs", {"agent_id": "$agent"}),
        get(f"{QUEUE}/status"),
        patch(QUEUE, {"is_paused": True}),
        post(f"{QUEUE}/get_runs", {}),
        post("/work_queues/$nobody/get_runs", {}),
    ),
]
