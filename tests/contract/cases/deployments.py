"""Making, changing, reading and deleting deployments."""

from __future__ import annotations

from tests.contract.script import delete, deployment, flow, get, patch, pool, post
from tests.golden.script import case

SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "s": {"type": "string", "default": "x"}},
    "required": ["n"],
}
TEMPLATE = {
    "job_configuration": {"command": "{{ command }}", "cpu": "{{ cpu }}"},
    "variables": {
        "type": "object",
        "properties": {"command": {"type": "string"}, "cpu": {"type": "integer"}},
    },
}
EVERYTHING = {
    "tags": ["b", "a"],
    "parameters": {"n": 1},
    "parameter_openapi_schema": SCHEMA,
    "enforce_parameter_schema": True,
    "description": "words",
    "path": "/code",
    "entrypoint": "flow.py:f",
    "version": "7",
    "paused": True,
    "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"x": 1}}],
}
HERE = "/deployments/$deployment"
NAMED = "/deployments/name/flow-$token/deployment-$token"

CASES = [
    case("deployments/made of nothing but a name", flow(), deployment(), get(HERE)),
    case(
        "deployments/made with everything",
        flow(),
        deployment(**EVERYTHING),
        get(HERE),
        get(NAMED),
    ),
    case(
        "deployments/2.x fields",
        flow(),
        deployment(
            infra_overrides={"env": {"A": "1"}},
            manifest_path="m.json",
            is_schedule_active=False,
        ),
        generations=(2,),
    ),
    case(
        "deployments/3.x fields",
        flow(labels={"team": "x"}),
        deployment(
            job_variables={"env": {"A": "1"}},
            labels={"a": "b"},
            concurrency_limit=3,
            concurrency_options={"collision_strategy": "CANCEL_NEW"},
            version_info={"type": "git", "version": "7"},
        ),
        get(HERE),
        generations=(3,),
    ),
    case(
        "deployments/made again with its tags only",
        flow(),
        deployment(**EVERYTHING),
        deployment(tags=["c"]),
        get(HERE),
    ),
    case(
        "deployments/made again, with other schedules",
        flow(),
        deployment(schedules=[{"schedule": {"interval": 3600}, "active": True}]),
        deployment(schedules=[{"schedule": {"cron": "0 0 * * *"}, "active": False}]),
        deployment(),
    ),
    case(
        "deployments/placed in a pool and a queue",
        flow(),
        pool(),
        deployment(work_pool_name="pool-$token"),
        deployment(work_pool_name="pool-$token", work_queue_name="new-$token"),
        get("/work_pools/pool-$token/queues/new-$token"),
        deployment(work_pool_name="nowhere-$token"),
    ),
    case(
        "deployments/placed in a queue only",
        flow(),
        deployment(work_queue_name="lone-$token"),
        get("/work_queues/name/lone-$token"),
    ),
    case(
        "deployments/taken out of their pool",
        flow(),
        pool(),
        deployment(work_pool_name="pool-$token"),
        patch(HERE, {"description": "still there"}),
        get(HERE),
        patch(HERE, {"work_pool_name": None}),
        get(HERE),
        generations=(3,),
    ),
    case(
        "deployments/job variables that the pool does not take",
        flow(),
        pool(base_job_template=TEMPLATE),
        deployment(work_pool_name="pool-$token", job_variables={"cpu": "many"}),
        deployment(work_pool_name="pool-$token", job_variables={"cpu": 2}),
        patch(HERE, {"job_variables": {"cpu": "many"}}),
        generations=(3,),
    ),
    case(
        "deployments/refused",
        flow(),
        post("/deployments/", {"name": "x", "flow_id": "$nobody"}),
        post("/deployments/", {"name": "x"}),
        post("/deployments/", {"flow_id": "$flow"}),
        deployment(infrastructure_document_id="$nobody"),
        deployment(schedules=[{"schedule": {"cron": "never"}}]),
    ),
    case(
        "deployments/found and counted",
        flow(),
        deployment(tags=["t-$token"]),
        deployment("other", tags=["t-$token", "u"], paused=True),
        post(
            "/deployments/filter",
            {"deployments": {"tags": {"all_": ["t-$token"]}}, "sort": "NAME_ASC"},
        ),
        post(
            "/deployments/filter",
            {"flows": {"id": {"any_": ["$flow"]}}, "sort": "NAME_DESC", "limit": 1},
        ),
        post("/deployments/count", {"deployments": {"id": {"any_": ["$other"]}}}),
        post("/deployments/filter", {"limit": 201}),
        post("/deployments/filter", {"sort": "SIDEWAYS"}),
        get("/deployments/name/flow-$token/nobody"),
        get("/deployments/$nobody"),
    ),
    case(
        "deployments/changed",
        flow(),
        deployment(**EVERYTHING),
        patch(HERE, {"description": "other", "tags": ["z"], "version": "8"}),
        get(HERE),
        patch(HERE, {"paused": False}),
        get(HERE),
        patch(HERE, {"parameters": {"n": "many"}}),
        patch(HERE, {"parameters": {"n": 5}}),
        patch(HERE, {"parameters": {"n": {"__prefect_kind": "json", "value": "7"}}}),
        get(HERE),
        patch(HERE, {"parameters": {"n": {"__prefect_kind": "json", "value": "{"}}}),
        patch("/deployments/$nobody", {"description": "x"}),
    ),
    case(
        "deployments/enforcing without a schema",
        flow(),
        deployment(enforce_parameter_schema=True, parameters={"a": 1}),
        patch(HERE, {"parameters": {"a": 2}}),
        patch(HERE, {"enforce_parameter_schema": False, "parameters": {"a": 3}}),
        get(HERE),
    ),
    case(
        "deployments/paused and resumed",
        flow(),
        deployment(schedules=[{"schedule": {"interval": 3600}, "active": True}]),
        post(f"{HERE}/pause_deployment"),
        get(HERE),
        post(f"{HERE}/pause_deployment"),
        post(f"{HERE}/resume_deployment"),
        get(HERE),
        post("/deployments/$nobody/pause_deployment"),
        post("/deployments/$nobody/resume_deployment"),
    ),
    case(
        "deployments/deleted",
        flow(),
        deployment(),
        delete(HERE),
        get(HERE),
        delete(HERE),
        delete("/automations/owned-by/prefect.deployment.$deployment"),
    ),
    case(
        "deployments/the queues that select one",
        flow(),
        deployment(tags=["q-$token"]),
        get(f"{HERE}/work_queue_check"),
        get("/deployments/$nobody/work_queue_check"),
    ),
    case("collections/an unknown view", get("/collections/views/nothing")),
]
