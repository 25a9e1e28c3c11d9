"""Runs made of deployments, and asked for by those who serve them."""

from __future__ import annotations

from tests.contract.cases.deployments import SCHEMA, TEMPLATE
from tests.contract.script import (
    deployment,
    flow,
    get,
    patch,
    pool,
    post,
    run_of,
)
from tests.golden.script import case, state

RUN = "/flow_runs/$run"
CREATE = "/deployments/$deployment/create_flow_run"

CASES = [
    case(
        "deployment runs/plain",
        flow(),
        deployment(parameters={"a": 1}, tags=["d"]),
        run_of(),
        get(RUN),
    ),
    case(
        "deployment runs/with parameters, tags, context and a key",
        flow(),
        deployment(parameters={"a": 1, "b": 2}, tags=["d"]),
        run_of(
            parameters={"b": 3},
            tags=["r", "d"],
            context={"c": 1},
            idempotency_key="k-$token",
        ),
        run_of(known="again", idempotency_key="k-$token"),
    ),
    case(
        "deployment runs/of another state",
        flow(),
        deployment(),
        run_of(state=state("PENDING")),
        run_of(
            known="later",
            state=state("SCHEDULED", scheduled_time="$now+600s"),
        ),
    ),
    case(
        "deployment runs/parameters that do not fit",
        flow(),
        deployment(parameter_openapi_schema=SCHEMA, enforce_parameter_schema=True),
        post(CREATE, {}),
        post(CREATE, {"parameters": {"n": "x"}}),
        post(CREATE, {"parameters": {"n": {"__prefect_kind": "json", "value": "{"}}}),
        run_of(parameters={"n": "x"}, enforce_parameter_schema=False),
        run_of(parameters={"n": {"__prefect_kind": "json", "value": "4"}}),
    ),
    case(
        "deployment runs/in a queue of the pool",
        flow(),
        pool(base_job_template=TEMPLATE),
        deployment(work_pool_name="pool-$token"),
        post("/work_pools/pool-$token/queues", {"name": "fast"}, queue="id"),
        run_of(work_queue_name="fast"),
        run_of(known="other", job_variables={"cpu": 4}),
        get("/flow_runs/$other"),
        patch("/flow_runs/$other", {"job_variables": {"cpu": 5}}),
        get("/flow_runs/$other"),
    ),
    case(
        "deployment runs/job variables that the pool does not take",
        flow(),
        pool(base_job_template=TEMPLATE),
        deployment(work_pool_name="pool-$token"),
        post(CREATE, {"job_variables": {"cpu": "many"}}),
        generations=(3,),
    ),
    case(
        "deployment runs/as a subflow",
        flow(),
        deployment(),
        post(
            "/flow_runs/",
            {"name": "parent", "flow_id": "$flow", "state": state("RUNNING")},
            parent="id",
        ),
        post(
            "/task_runs/",
            {
                "flow_run_id": "$parent",
                "task_key": "child",
                "dynamic_key": "0",
                "name": "child-0",
                "state": state("PENDING"),
            },
            task="id",
        ),
        run_of(parent_task_run_id="$task"),
        get("/task_runs/$task"),
        post(
            "/flow_runs/filter",
            {"flow_runs": {"parent_task_run_id": {"any_": ["$task"]}}},
        ),
    ),
    case(
        "deployment runs/3.x labels",
        flow(labels={"of": "flow"}),
        deployment(labels={"of": "deployment"}),
        run_of(labels={"own": "1"}),
        generations=(3,),
    ),
    case(
        "deployment runs/several at once",
        flow(),
        deployment(parameter_openapi_schema=SCHEMA, enforce_parameter_schema=True),
        post(
            "/deployments/$deployment/create_flow_run/bulk",
            [{"parameters": {"n": 1}}, {"parameters": {"n": "x"}}],
        ),
        generations=(3,),
    ),
    case(
        "deployment runs/of nobody",
        post("/deployments/$nobody/create_flow_run", {}),
    ),
    case(
        "deployment runs/asked for by who serves it",
        flow(),
        deployment(),
        run_of(),
        run_of(known="later", state=state("SCHEDULED", scheduled_time="$now+600s")),
        post(
            "/deployments/get_scheduled_flow_runs",
            {"deployment_ids": ["$deployment"], "scheduled_before": "$now+60s"},
        ),
        post("/deployments/get_scheduled_flow_runs", {"deployment_ids": []}),
    ),
]
