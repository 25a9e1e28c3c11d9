"""The room of deployments: apply, read, change, pause, delete."""

from __future__ import annotations

from typing import Any

import pytest

from core.ids import uuid7
from deployments.models import Deployment
from runs.models import FlowRun
from tests import factories
from tests.api.conftest import Api
from work_pools.models import WorkPool

SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
}


def body(flow: Any, **fields: Any) -> dict[str, Any]:
    """What a client sends to deploy."""
    return {"name": "d", "flow_id": str(flow.pk), **fields}


def applied(api: Api, **fields: Any) -> dict[str, Any]:
    """A deployment made over the API."""
    answer = api.post("/deployments/", body(factories.flow(), **fields))
    assert answer.status == 201, answer.content
    made: dict[str, Any] = answer.json
    return made


def test_a_deployment_is_made_once_and_then_brought_up_to_date(api: Api) -> None:
    flow = factories.flow()

    first = api.post("/deployments/", body(flow, description="one", tags=["a"]))
    again = api.post("/deployments/", body(flow, description="two"))

    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    assert again.json["description"] == "two"
    assert again.json["tags"] == ["a"]


def test_an_older_client_resets_what_it_does_not_send(api2: Api) -> None:
    flow = factories.flow()
    first = api2.post(
        "/deployments/",
        body(flow, tags=["a"], enforce_parameter_schema=True, infra_overrides={"x": 1}),
    )

    again = api2.post("/deployments/", body(flow))

    assert first.json["enforce_parameter_schema"] is True
    assert first.json["job_variables"] == first.json["infra_overrides"] == {"x": 1}
    assert again.json["enforce_parameter_schema"] is False
    assert (again.json["tags"], again.json["infra_overrides"]) == ([], {})


def test_the_generations_differ_in_whether_they_enforce_the_schema(
    api: Api, api2: Api
) -> None:
    assert applied(api)["enforce_parameter_schema"] is True
    assert applied(api2)["enforce_parameter_schema"] is False


def test_an_answer_has_the_fields_of_both_generations(api: Api) -> None:
    made = applied(
        api,
        schedules=[{"schedule": {"cron": "0 9 * * *"}, "slug": "morning"}],
        concurrency_limit=3,
        concurrency_options={"collision_strategy": "CANCEL_NEW"},
        paused=True,
        pull_steps=[{"step": {}}],
    )

    shape = {"cron": "0 9 * * *", "timezone": None, "day_or": True}
    assert made["schedule"] == shape
    assert made["schedules"][0]["schedule"] == shape
    assert made["schedules"][0]["slug"] == "morning"
    assert made["is_schedule_active"] is False
    assert made["concurrency_limit"] is None
    assert made["global_concurrency_limit"]["limit"] == 3
    assert made["global_concurrency_limit"]["active_slots"] == 0
    assert made["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert made["pull_steps"] == [{"step": {}}]
    assert made["status"] == "NOT_READY"


def test_unknown_fields_and_nulls_are_no_reason_to_refuse(api: Api) -> None:
    made = applied(api, mood="good", tags=None, schedules=None, parameters=None)

    assert (made["tags"], made["schedules"], made["parameters"]) == ([], [], {})


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a/b"},
        {"name": ""},
        {"flow_id": "x"},
        {"tags": "x"},
        {"schedules": [{"schedule": {"cron": "x"}}]},
        {"schedules": [{"active": True}]},
        {"concurrency_limit": 0},
        {"schedules": {}},
    ],
)
def test_a_body_that_means_nothing_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    answer = api.post("/deployments/", {**body(factories.flow()), **wrong})

    assert answer.wrong


def test_a_bad_time_zone_is_named(api: Api) -> None:
    schedule = {"schedule": {"cron": "0 0 * * *", "timezone": "Mars/Base"}}

    answer = api.post("/deployments/", body(factories.flow(), schedules=[schedule]))

    text = answer.json["exception_detail"][0]["msg"]
    assert 'Invalid timezone: "Mars/Base" (specify in IANA tzdata format' in text


def test_an_unknown_flow_or_pool_is_refused(api: Api) -> None:
    flow = factories.flow()

    assert api.post("/deployments/", body(flow, flow_id=str(uuid7()))).status == 409
    lost = api.post("/deployments/", body(flow, work_pool_name="nowhere"))
    assert (lost.status, lost.json) == (
        404,
        {"detail": 'Work pool "nowhere" not found.'},
    )


def test_a_deployment_finds_its_queue(api: Api) -> None:
    pool = factories.work_pool(name="p")

    in_pool = applied(api, work_pool_name="p")
    in_queue = applied(api, work_pool_name="p", work_queue_name="fast")
    classic = applied(api, work_queue_name="nightly")
    nowhere = applied(api)

    assert (in_pool["work_pool_name"], in_pool["work_queue_name"]) == ("p", "default")
    assert in_pool["work_queue_id"] == str(pool.default_queue.pk)
    assert in_queue["work_queue_name"] == "fast"
    assert pool.queues.filter(name="fast").exists()
    assert classic["work_pool_name"] == "default-agent-pool"
    assert nowhere["work_pool_name"] is nowhere["work_queue_name"] is None


def test_a_null_takes_a_deployment_out_of_its_pool(api: Api) -> None:
    factories.work_pool(name="p")
    made = applied(api, work_pool_name="p")

    api.patch(f"/deployments/{made['id']}", {"work_pool_name": None})

    assert api.get(f"/deployments/{made['id']}").json["work_pool_name"] is None


def test_job_variables_must_fit_the_pool(api: Api) -> None:
    template = {
        "job_configuration": {"cpu": "{{ cpu }}"},
        "variables": {"properties": {"cpu": {"type": "integer"}}, "required": ["cpu"]},
    }
    factories.work_pool(name="p", base_job_template=template)

    fits = applied(api, work_pool_name="p", job_variables={"cpu": 2})
    wrong = api.post(
        "/deployments/",
        body(factories.flow(), work_pool_name="p", job_variables={"cpu": "two"}),
    )

    assert fits["job_variables"] == {"cpu": 2}
    assert wrong.status == 422
    assert wrong.json["detail"].startswith("Error creating deployment: ")


def test_a_deployment_is_read_by_id_and_by_name(api: Api) -> None:
    flow = factories.flow(name="my flow")
    made = api.post("/deployments/", body(flow, name="nightly run")).json

    assert api.get(f"/deployments/{made['id']}").json["name"] == "nightly run"
    assert api.get("/deployments/name/my%20flow/nightly%20run").json["id"] == made["id"]
    missing = api.get("/deployments/name/my%20flow/other")
    assert (missing.status, missing.json) == (404, {"detail": "Deployment not found"})
    assert api.get(f"/deployments/{uuid7()}").status == 404


def test_deployments_are_filtered_sorted_and_counted(api: Api) -> None:
    one = factories.deployment(name="one", tags=["a", "b"])
    factories.deployment(name="two", paused=True)

    def names(**filters: Any) -> list[str]:
        answer = api.post("/deployments/filter", filters)
        assert answer.status == 200, answer.content
        return [row["name"] for row in answer.json]

    assert names(sort="NAME_DESC") == ["two", "one"]
    assert names(deployments={"tags": {"all_": ["b"]}}) == ["one"]
    assert names(deployments={"paused": {"eq_": True}}) == ["two"]
    assert names(deployments={"is_schedule_active": {"eq_": True}}) == ["one"]
    assert names(flows={"name": {"any_": [one.flow.name]}}) == ["one"]
    assert names(deployments={"flow_or_deployment_name": {"like_": one.flow.name}}) == [
        "one"
    ]
    assert api.post("/deployments/count", {}).json == 2
    assert api.post("/deployments/filter", {"limit": 201}).status == 422


def test_a_patch_changes_just_what_is_sent(api: Api) -> None:
    made = applied(api, description="one", tags=["a"], entrypoint="flow.py:f")

    answer = api.patch(f"/deployments/{made['id']}", {"description": None})

    assert answer.status == 204
    now = api.get(f"/deployments/{made['id']}").json
    assert (now["description"], now["tags"], now["entrypoint"]) == (
        None,
        ["a"],
        "flow.py:f",
    )


def test_a_patch_of_an_unknown_deployment_says_so(api: Api) -> None:
    answer = api.patch(f"/deployments/{uuid7()}", {})

    assert (answer.status, answer.json) == (404, {"detail": "Deployment not found."})


@pytest.mark.parametrize(
    ("parameters", "status", "detail"),
    [
        ({}, 204, None),
        ({"n": 1}, 204, None),
        (
            {"n": "bad"},
            409,
            "Error updating deployment: Validation failed for field 'n'. "
            "Failure reason: 'bad' is not of type 'integer'",
        ),
        (
            {"n": {"__prefect_kind": "workspace_variable", "variable_name": "nope"}},
            400,
            "Error hydrating deployment parameters: "
            "Variable 'nope' not found in workspace.",
        ),
    ],
)
def test_parameters_of_a_patch_are_resolved_and_checked(
    api: Api, parameters: dict[str, Any], status: int, detail: str | None
) -> None:
    made = applied(api, parameter_openapi_schema=SCHEMA)

    answer = api.patch(f"/deployments/{made['id']}", {"parameters": parameters})

    assert answer.status == status
    if detail:
        assert answer.json == {"detail": detail}


def test_pausing_and_resuming_answer_with_null(api: Api) -> None:
    made = applied(api)
    address = f"/deployments/{made['id']}"

    paused = api.post(f"{address}/pause_deployment")
    is_paused = api.get(address).json["paused"]
    resumed = api.post(f"{address}/resume_deployment")

    assert (paused.status, paused.json, is_paused) == (200, None, True)
    assert (resumed.status, api.get(address).json["paused"]) == (200, False)
    assert api.post(f"/deployments/{uuid7()}/pause_deployment").status == 404


def test_an_older_client_switches_its_single_schedule(api2: Api) -> None:
    shape = {"schedule": {"interval": 3600}, "active": True}
    made = applied(api2, schedules=[shape])
    address = f"/deployments/{made['id']}"

    api2.post(f"{address}/set_schedule_inactive")
    off = api2.get(address).json
    api2.post(f"{address}/set_schedule_active")
    on = api2.get(address).json

    assert (off["is_schedule_active"], off["schedules"][0]["active"]) == (False, False)
    assert (on["is_schedule_active"], on["schedules"][0]["active"]) == (True, True)


def test_a_single_schedule_may_come_in_the_older_field(api2: Api) -> None:
    made = applied(api2, schedule={"interval": 3600}, is_schedule_active=False)
    address = f"/deployments/{made['id']}"

    api2.patch(address, {"schedule": {"cron": "0 0 * * *"}})

    assert made["schedule"]["interval"] == 3600.0
    assert made["paused"] is True
    (row,) = api2.get(address).json["schedules"]
    assert row["schedule"]["cron"] == "0 0 * * *"


def test_the_older_field_cannot_mean_one_of_several_schedules(api2: Api) -> None:
    shapes = [{"schedule": {"interval": 60 * n}} for n in (1, 2)]
    made = applied(api2, schedules=shapes)

    answer = api2.patch(f"/deployments/{made['id']}", {"schedule": {"interval": 5}})

    assert answer.status == 422
    assert "has multiple schedules" in answer.json["detail"]


def test_deleting_takes_the_runs_that_have_not_started(api: Api) -> None:
    deployment = factories.deployment()
    factories.flow_run(factories.scheduled(), deployment=deployment)
    done = factories.flow_run(factories.completed(), deployment=deployment)

    answer = api.delete(f"/deployments/{deployment.pk}")

    assert answer.status == 204
    assert list(FlowRun.objects.all()) == [done]
    assert not Deployment.objects.exists()
    assert api.delete(f"/deployments/{deployment.pk}").status == 404


def test_the_queues_of_classic_agents_that_fit_are_listed(api: Api) -> None:
    pool = WorkPool.objects.filter(name="default-agent-pool").first()
    assert pool is None
    deployment = factories.deployment(tags=["a", "b"])
    api.post("/work_queues/", {"name": "fits", "filter": {"tags": ["a"]}})
    api.post("/work_queues/", {"name": "other", "filter": {"tags": ["c"]}})
    api.post("/work_queues/", {"name": "plain"})

    answer = api.get(f"/deployments/{deployment.pk}/work_queue_check")

    assert [queue["name"] for queue in answer.json] == ["fits"]


def test_nothing_is_left_of_the_automations_of_a_deployment(api: Api) -> None:
    answer = api.delete(f"/automations/owned-by/prefect.deployment.{uuid7()}")

    assert (answer.status, answer.json) == (202, None)


def test_no_automation_is_related_to_a_deployment(api: Api) -> None:
    answer = api.get(f"/automations/related-to/prefect.deployment.{uuid7()}")

    assert (answer.status, answer.json) == (200, [])
