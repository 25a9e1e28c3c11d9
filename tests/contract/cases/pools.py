"""Work pools, their queues, their workers, and what is handed out to these."""

from __future__ import annotations

from tests.contract.cases.deployments import TEMPLATE
from tests.contract.script import (
    delete,
    deployment,
    flow,
    get,
    patch,
    pool,
    post,
    run_of,
)
from tests.golden.script import case

POOL = "/work_pools/pool-$token"
QUEUES = f"{POOL}/queues"
WORKERS = f"{POOL}/workers"

CASES = [
    case(
        "pools/made and read",
        pool(keep="whole"),
        get(POOL),
        pool(keep="whole"),
        get("/work_pools/nobody-$token"),
        post("/work_pools/filter", {"work_pools": {"name": {"any_": ["pool-$token"]}}}),
        post("/work_pools/count", {"work_pools": {"name": {"any_": ["pool-$token"]}}}),
    ),
    case(
        "pools/made with everything",
        pool(
            keep="whole",
            description="words",
            base_job_template=TEMPLATE,
            is_paused=True,
            concurrency_limit=3,
        ),
    ),
    case(
        "pools/refused",
        post("/work_pools/", {"name": "prefect-$token"}),
        post("/work_pools/", {"name": "a/b"}),
        post("/work_pools/", {}),
        post(
            "/work_pools/",
            {"name": "bad-$token", "base_job_template": {"job_configuration": {}}},
        ),
        post(
            "/work_pools/",
            {
                "name": "bad-$token",
                "base_job_template": {
                    "job_configuration": {"a": "{{ b }}"},
                    "variables": {"properties": {}},
                },
            },
        ),
    ),
    case(
        "pools/changed and deleted",
        pool(),
        patch(POOL, {"description": "new", "is_paused": True, "concurrency_limit": 2}),
        get(POOL),
        patch(POOL, {"is_paused": False, "base_job_template": TEMPLATE}),
        get(POOL),
        patch("/work_pools/nobody-$token", {"description": "x"}),
        delete(POOL),
        get(POOL),
        delete(POOL),
    ),
    case(
        "pools/queues with priorities",
        pool(),
        post(QUEUES, {"name": "a"}),
        post(QUEUES, {"name": "b", "priority": 1, "concurrency_limit": 4}),
        post(f"{QUEUES}/filter", {}),
        patch(f"{QUEUES}/a", {"priority": 1, "is_paused": True, "description": "x"}),
        get(f"{QUEUES}/a"),
        post(f"{QUEUES}/filter", {}),
        delete(f"{QUEUES}/a"),
        post(f"{QUEUES}/filter", {}),
        get(f"{QUEUES}/a"),
        delete(f"{QUEUES}/a"),
    ),
    case(
        "pools/queues refused",
        pool(),
        post(QUEUES, {"name": "a/b"}),
        post(QUEUES, {}),
        post("/work_pools/nobody-$token/queues", {"name": "x"}),
        post("/work_pools/nobody-$token/queues/filter", {}),
        patch(f"{QUEUES}/nobody", {"description": "x"}),
    ),
    case(
        "pools/a queue twice",
        pool(),
        post(QUEUES, {"name": "a"}),
        post(QUEUES, {"name": "a"}),
    ),
    case(
        "pools/workers",
        pool(),
        post(f"{WORKERS}/heartbeat", {"name": "w", "heartbeat_interval_seconds": 20}),
        post(f"{WORKERS}/heartbeat", {"name": "v"}),
        post(f"{WORKERS}/filter", {}),
        get(POOL),
        delete(f"{WORKERS}/w"),
        delete(f"{WORKERS}/w"),
        post(f"{WORKERS}/filter", {"workers": {"status": {"any_": ["ONLINE"]}}}),
        post("/work_pools/nobody-$token/workers/heartbeat", {"name": "w"}),
        post(f"{WORKERS}/heartbeat", {}),
    ),
    case(
        "pools/runs handed out",
        flow(),
        pool(),
        deployment(work_pool_name="pool-$token"),
        run_of(),
        post(
            f"{POOL}/get_scheduled_flow_runs",
            {"work_queue_names": [], "scheduled_before": "$now+60s", "limit": 2},
        ),
        post(f"{POOL}/get_scheduled_flow_runs", {"work_queue_names": ["default"]}),
        post(f"{POOL}/get_scheduled_flow_runs", {"work_queue_names": ["nobody"]}),
        patch(POOL, {"is_paused": True}),
        post(f"{POOL}/get_scheduled_flow_runs", {}),
        post("/work_pools/nobody-$token/get_scheduled_flow_runs", {}),
    ),
    case(
        "pools/slots taken (3.x)",
        flow(),
        pool(concurrency_limit=3),
        deployment(work_pool_name="pool-$token"),
        run_of(state={"type": "PENDING"}),
        get(POOL),
        post(f"{QUEUES}/filter", {}),
        generations=(3,),
    ),
]
