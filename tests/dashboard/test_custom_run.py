"""The custom run: from a form, without scripts, to a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.clock import now
from runs.models import FlowRun, FlowRunState
from tests import factories as make

pytestmark = pytest.mark.django_db

SCHEMA = {
    "type": "object",
    "required": ["region"],
    "properties": {
        "region": {"type": "string", "enum": ["eu", "us"]},
        "days": {"type": "integer", "minimum": 1, "default": 7},
        "names": {"type": "array", "items": {"type": "string"}, "default": []},
    },
}
PLAIN = {"when": "now", "parameters/region": '"eu"'}


@pytest.fixture
def deployment():
    """A deployment with a schema, in a pool."""
    pool = make.work_pool(name="k8s")
    make.work_queue(pool, name="fast")
    return make.deployment(
        name="prod",
        parameter_openapi_schema=SCHEMA,
        work_queue=pool.default_queue,
        tags=["nightly"],
    )


def post(client, deployment, **texts):
    fields = {name.replace("__", "/"): value for name, value in texts.items()}
    return client.post(f"/deployments/{deployment.pk}/run", PLAIN | fields)


def only(deployment) -> FlowRun:
    return FlowRun.objects.get(deployment=deployment)


def test_the_form_has_a_control_for_each_parameter(client, deployment):
    text = client.get(f"/deployments/{deployment.pk}/run").content.decode()

    assert 'type="radio" name="parameters/region"' in text
    assert 'name="parameters/days" type="number" value="7"' in text
    assert 'value="add:parameters/names"' in text


def test_a_run_is_made_with_what_was_filled_in(client, deployment):
    answer = post(
        client,
        deployment,
        parameters__days="3",
        name="my-run",
        tags="one, two , one",
        work_queue_name="fast",
        retries="4",
        retry_delay="10",
        message="by hand",
    )

    run = only(deployment)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/deployments/{deployment.pk}",
    )
    assert run.parameters == {"region": "eu", "days": 3}
    assert run.name == "my-run"
    assert run.tags == ["nightly", "one", "two"]
    assert run.work_queue.name == "fast"
    assert run.empirical_policy["retries"] == 4
    assert run.empirical_policy["retry_delay"] == 10
    state = FlowRunState.objects.get(pk=run.state_id)
    assert (state.type, state.message) == ("SCHEDULED", "by hand")


def test_it_may_be_opened_at_once(client, deployment):
    answer = post(client, deployment, do="open")

    assert answer.headers["Location"] == f"/runs/{only(deployment).pk}"


def test_it_starts_when_the_reader_says_on_the_readers_clock(client, deployment):
    client.cookies["orion_zone"] = "Europe/Paris"

    post(client, deployment, when="at", start="2030-07-01T06:30")

    due = only(deployment).next_scheduled_start_time
    assert due == datetime(2030, 7, 1, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"parameters__region": '"mars"'}, "is not one of"),
        ({"parameters__region": ""}, "required"),
        ({"parameters__days": "0"}, "less than the minimum"),
        ({"parameters__days": "x"}, "A whole number is wanted"),
        ({"when": "at"}, "Enter when it is to start."),
        ({"when": "at", "start": "soon"}, "Enter a date and time such as"),
        ({"retries": "-1"}, "greater than or equal to 0"),
        ({"work_queue_name": "elsewhere"}, "elsewhere is not one of"),
        ({"job": "[1]"}, "A JSON object is wanted"),
    ],
)
def test_a_mistake_makes_no_run_and_keeps_what_was_typed(
    client, deployment, texts, said
):
    answer = post(client, deployment, name="kept-name", **texts)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "No run was made." in text
    assert said in text
    assert 'value="kept-name"' in text
    assert not FlowRun.objects.exists()


def test_a_time_that_the_clock_skips_is_named(client, deployment):
    client.cookies["orion_zone"] = "Europe/Paris"

    answer = post(client, deployment, when="at", start="2027-03-28T02:30")

    assert "02:30 does not exist on 28 March 2027" in answer.content.decode()


def test_rows_are_added_without_scripts_and_nothing_is_run(client, deployment):
    answer = post(client, deployment, edit="add:parameters/names")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="parameters/names/0"' in text
    assert not FlowRun.objects.exists()


def test_the_same_answers_can_be_given_as_json(client, deployment):
    shown = post(client, deployment, turn="parameters:json")
    assert "&quot;region&quot;: &quot;eu&quot;" in shown.content.decode()

    client.post(
        f"/deployments/{deployment.pk}/run",
        {
            "when": "now",
            "parameters:view": "json",
            "parameters": '{"region": "us", "days": 2}',
        },
    )

    assert only(deployment).parameters == {"region": "us", "days": 2}


def test_without_a_schema_parameters_are_json(client):
    deployment = make.deployment()

    answer = client.post(
        f"/deployments/{deployment.pk}/run",
        {"when": "now", "parameters": '{"anything": [1]}'},
    )

    assert answer.status_code == 303
    assert only(deployment).parameters == {"anything": [1]}


def test_a_run_is_copied_with_its_answers(client, deployment):
    source = make.flow_run(
        make.failed(),
        deployment=deployment,
        parameters={"region": "us", "days": 9},
        tags=["nightly", "extra"],
    )

    address = f"/deployments/{deployment.pk}/run?from={source.pk}"
    text = client.get(address).content.decode()

    assert f"/runs/{source.pk}" in text
    assert 'name="parameters/days" type="number" value="9"' in text
    assert 'value="extra"' in text
    run_address = f"/deployments/{deployment.pk}/run"
    assert client.get(f"{run_address}?from={uuid4()}").status_code == 404
    assert client.get(f"{run_address}?from=x").status_code == 404


def test_a_key_makes_one_run_only(client, deployment):
    first = post(client, deployment, idempotency_key="once")
    again = client.post(
        f"/deployments/{deployment.pk}/run",
        PLAIN | {"idempotency_key": "once"},
        follow=True,
    )

    assert first.status_code == 303
    assert "was made before with this idempotency key" in again.content.decode()
    assert FlowRun.objects.filter(deployment=deployment).count() == 1


def test_a_schema_that_is_not_enforced_may_be_checked_all_the_same(client):
    deployment = make.deployment(
        parameter_openapi_schema=SCHEMA, enforce_parameter_schema=False
    )
    fields = {"when": "now", "parameters:view": "json", "parameters": '{"days": 0}'}
    address = f"/deployments/{deployment.pk}/run"

    checked = client.post(address, fields | {"enforce": "on"})
    free = client.post(address, fields)

    assert checked.status_code == 422
    assert free.status_code == 303
    assert only(deployment).parameters == {"days": 0}


def test_job_variables_have_the_form_of_the_pools_template(client):
    variables = {
        "type": "object",
        "properties": {"cpu": {"type": "integer", "default": 1}},
    }
    template = {"job_configuration": {}, "variables": variables}
    pool = make.work_pool(base_job_template=template)
    deployment = make.deployment(work_queue=pool.default_queue)
    address = f"/deployments/{deployment.pk}/run"

    shown = client.get(address).content.decode()
    client.post(address, {"when": "now", "job/cpu": "4", "job/cpu:mode": "value"})

    assert 'name="job/cpu"' in shown
    assert only(deployment).job_variables == {"cpu": 4}


def test_a_run_in_the_past_is_due_at_once(client, deployment):
    past = now() - timedelta(days=1)

    post(client, deployment, when="at", start=past.strftime("%Y-%m-%dT%H:%M"))

    assert only(deployment).next_scheduled_start_time <= now()
