"""Runs of deployments over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.ids import uuid7
from deployments.models import Deployment
from tests import factories
from tests.api.conftest import Api

SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "m": {"type": "string"}},
    "required": ["n"],
}


def run(api: Api, deployment: Deployment, **wish: Any) -> Any:
    """Ask for a run."""
    return api.post(f"/deployments/{deployment.pk}/create_flow_run", wish)


def test_a_run_is_due_now_and_takes_after_its_deployment(api: Api) -> None:
    pool = factories.work_pool()
    deployment = factories.deployment(
        tags=["a"],
        labels={"team": "blue"},
        parameters={"x": 1, "y": 2},
        version="7",
        work_queue=pool.default_queue,
        work_queue_name="default",
    )

    answer = run(
        api,
        deployment,
        parameters={"y": 3},
        tags=["a", "b"],
        labels={"mine": 1},
        context={"k": "v"},
        job_variables={"cpu": 2},
    )

    assert answer.status == 201, answer.content
    made = answer.json
    assert made["state"]["type"] == "SCHEDULED"
    assert made["deployment_id"] == str(deployment.pk)
    assert made["parameters"] == {"x": 1, "y": 3}
    assert made["tags"] == ["a", "b"]
    assert made["deployment_version"] == "7"
    assert (made["work_pool_name"], made["work_queue_name"]) == (pool.name, "default")
    assert (made["context"], made["job_variables"]) == ({"k": "v"}, {"cpu": 2})
    assert made["labels"] == {
        "team": "blue",
        "mine": 1,
        "prefect.flow.id": str(deployment.flow_id),
        "prefect.deployment.id": str(deployment.pk),
    }
    assert made["auto_scheduled"] is False


def test_a_run_may_be_due_later(api: Api) -> None:
    later = (now() + timedelta(hours=1)).isoformat()
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": later}}

    made = run(api, factories.deployment(), state=state).json

    assert made["next_scheduled_start_time"] == made["expected_start_time"]
    assert made["state"]["state_details"]["scheduled_time"][:16] == later[:16]


def test_asking_twice_with_one_key_makes_one_run(api: Api) -> None:
    deployment = factories.deployment()

    first = run(api, deployment, idempotency_key="k")
    again = run(api, deployment, idempotency_key="k")

    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]


@pytest.mark.parametrize(
    ("wish", "status", "detail"),
    [
        (
            {},
            409,
            "Error creating flow run: Validation failed. "
            "Failure reason: 'n' is a required property",
        ),
        (
            {"parameters": {"n": "bad"}},
            409,
            "Error creating flow run: Validation failed for field 'n'. "
            "Failure reason: 'bad' is not of type 'integer'",
        ),
        (
            {"parameters": {"n": {"__prefect_kind": "json", "value": "{"}}},
            400,
            "Error hydrating flow run parameters: Invalid JSON: ",
        ),
        (
            {"parameters": {"n": 1}, "work_queue_name": "q"},
            400,
            "Work queue 'q' cannot be used: the deployment is in no work pool.",
        ),
    ],
)
def test_a_run_that_cannot_be_meant_is_refused(
    api: Api, wish: dict[str, Any], status: int, detail: str
) -> None:
    deployment = factories.deployment(parameter_openapi_schema=SCHEMA)

    answer = run(api, deployment, **wish)

    assert answer.status == status
    assert answer.json["detail"].startswith(detail)


def test_parameters_are_resolved_and_may_stay_unchecked(api: Api) -> None:
    deployment = factories.deployment(parameter_openapi_schema=SCHEMA)

    good = run(
        api,
        deployment,
        parameters={"n": {"__prefect_kind": "json", "value": "5"}, "m": None},
    )
    loose = run(api, deployment, enforce_parameter_schema=False)

    assert good.json["parameters"] == {"n": 5, "m": None}
    assert loose.status == 201


def test_a_run_may_go_to_another_queue_of_its_pool(api: Api) -> None:
    pool = factories.work_pool()
    deployment = factories.deployment(work_queue=pool.default_queue)

    made = run(api, deployment, work_queue_name="fast").json

    assert (made["work_queue_name"], made["work_pool_name"]) == ("fast", pool.name)


def test_a_run_of_an_unknown_deployment_is_not_found(api: Api) -> None:
    answer = api.post(f"/deployments/{uuid7()}/create_flow_run")

    assert (answer.status, answer.json) == (404, {"detail": "Deployment not found"})


def test_due_runs_of_served_deployments_are_handed_out_in_order(api: Api) -> None:
    deployment, other = factories.deployment(), factories.deployment()
    moment = now()
    late, soon, far = (
        factories.flow_run(
            factories.scheduled(moment + timedelta(minutes=minutes)),
            deployment=deployment,
        )
        for minutes in (-5, 1, 60)
    )
    factories.flow_run(factories.scheduled(), deployment=other)
    factories.flow_run(factories.running(), deployment=deployment)

    answer = api.post(
        "/deployments/get_scheduled_flow_runs",
        {
            "deployment_ids": [str(deployment.pk)],
            "scheduled_before": str(moment + timedelta(minutes=5)),
        },
    )

    assert [row["id"] for row in answer.json] == [str(late.pk), str(soon.pk)]
    assert str(far.pk) not in answer.content.decode()
    assert api.get(f"/deployments/{deployment.pk}").json["status"] == "READY"
    assert api.get(f"/deployments/{other.pk}").json["status"] == "NOT_READY"


def test_asking_for_due_runs_does_not_count_as_a_change(api: Api) -> None:
    deployment = factories.deployment()
    body = {"deployment_ids": [str(deployment.pk)]}

    api.post("/deployments/get_scheduled_flow_runs", body)
    first = Deployment.objects.get(pk=deployment.pk)
    api.post("/deployments/get_scheduled_flow_runs", body)
    again = Deployment.objects.get(pk=deployment.pk)

    assert first.updated == again.updated == deployment.updated
    assert first.last_polled == again.last_polled
