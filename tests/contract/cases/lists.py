"""Lists, pages, histories and bulk operations of flows, runs and deployments."""

from __future__ import annotations

from tests.contract.script import delete, deployment, flow, flow_run, get, post
from tests.golden.script import case, state

OF_FLOW = {"flows": {"id": {"any_": ["$flow"]}}}
SPAN = {
    "history_start": "2026-01-01T00:00:00Z",
    "history_end": "2026-01-01T03:00:00Z",
    "history_interval_seconds": 3600,
}
RUNS = (
    flow(),
    flow_run("one", state=state("SCHEDULED", scheduled_time="2026-01-01T00:30:00Z")),
    flow_run("two", state=state("SCHEDULED", scheduled_time="2026-01-01T02:30:00Z")),
)
TASK = post(
    "/task_runs/",
    {"flow_run_id": "$one", "task_key": "t", "dynamic_key": "0", "name": "t-0"},
    task="id",
)

CASES = [
    case(
        "lists/pages (3.x)",
        *RUNS,
        deployment(),
        post("/flows/paginate", OF_FLOW),
        post("/deployments/paginate", {**OF_FLOW, "limit": 5}),
        post(
            "/flow_runs/paginate",
            {**OF_FLOW, "limit": 1, "page": 2, "sort": "EXPECTED_START_TIME_ASC"},
        ),
        post("/task_runs/paginate", OF_FLOW),
        post("/flows/paginate", {"page": 0}),
        post("/flows/paginate", {"limit": 300}),
        post("/flow_runs/paginate", {**OF_FLOW, "limit": 0}),
        generations=(3,),
    ),
    case(
        "lists/histories",
        *RUNS,
        post("/flow_runs/history", {**SPAN, **OF_FLOW}),
        post("/flow_runs/history", {**SPAN, "history_interval_seconds": 0.5}),
        post("/flow_runs/history", {}),
        post("/task_runs/history", {**SPAN, **OF_FLOW}),
    ),
    case(
        "lists/lateness of nothing",
        flow(),
        post("/flow_runs/lateness", OF_FLOW),
    ),
    case(
        "lists/runs deleted",
        *RUNS,
        TASK,
        delete("/task_runs/$task"),
        delete("/task_runs/$task"),
        get("/task_runs/$task"),
        delete("/flow_runs/$one"),
        delete("/flow_runs/$one"),
        get("/flow_runs/$one"),
        post("/flow_runs/count", OF_FLOW),
    ),
    case(
        "lists/a flow deleted",
        *RUNS,
        deployment(),
        delete("/flows/$flow"),
        delete("/flows/$flow"),
        get("/flows/$flow"),
        get("/deployments/$deployment"),
        get("/flow_runs/$one"),
    ),
    case(
        "lists/runs deleted in bulk (3.x)",
        *RUNS,
        post(
            "/flow_runs/bulk_delete",
            {"flow_runs": {"id": {"any_": ["$one", "$nobody"]}}},
        ),
        post("/flow_runs/count", OF_FLOW),
        post("/flow_runs/bulk_delete", {"limit": 51}),
        generations=(3,),
    ),
    case(
        "lists/runs set in bulk (3.x)",
        *RUNS,
        post(
            "/flow_runs/bulk_set_state",
            {
                "flow_runs": {"id": {"any_": ["$one"]}},
                "state": state("CANCELLED"),
            },
        ),
        post(
            "/flow_runs/bulk_set_state",
            {
                "flow_runs": {"id": {"any_": ["$one"]}},
                "state": state("CANCELLED"),
            },
        ),
        generations=(3,),
    ),
    case(
        "lists/deployments and flows deleted in bulk (3.x)",
        flow(),
        deployment(),
        post(
            "/deployments/bulk_delete",
            {"deployments": {"id": {"any_": ["$deployment"]}}},
        ),
        get("/deployments/$deployment"),
        post("/flows/bulk_delete", {"flows": {"id": {"any_": ["$flow"]}}}),
        get("/flows/$flow"),
        generations=(3,),
    ),
]
