from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from core.clock import now
from runs.models import FlowRun
from tests import factories as make


def test_a_flow_run_starts_pending_with_a_name_of_two_words(api):
    flow = make.flow()

    made = api.post("/flow_runs/", {"flow_id": str(flow.pk)})

    assert made.status == 201
    assert made.json["state_type"] == made.json["state"]["type"] == "PENDING"
    assert made.json["name"].count("-") == 1


def test_what_was_sent_comes_back(api):
    flow = make.flow(labels={"team": "data"})
    sent = {
        "flow_id": str(flow.pk),
        "name": "mine",
        "flow_version": "v1",
        "parameters": {"n": [1, {"x": None}]},
        "context": {"a": 1},
        "tags": ["t"],
        "labels": {"mine": True},
        "idempotency_key": "key",
        "empirical_policy": {"retries": 2, "retry_delay": 3},
    }

    made = api.post("/flow_runs/", sent).json
    read = api.get(f"/flow_runs/{made['id']}").json

    for field in ("name", "flow_version", "parameters", "context", "tags"):
        assert made[field] == read[field] == sent[field]
    assert read["labels"] == {
        "team": "data",
        "prefect.flow.id": str(flow.pk),
        "mine": True,
    }
    assert read["empirical_policy"]["retries"] == 2
    assert read["empirical_policy"]["retry_type"] is None


def test_the_same_idempotency_key_finds_the_first_run(api):
    body = {"flow_id": str(make.flow().pk), "idempotency_key": "once"}
    first = api.post("/flow_runs/", body)
    path = f"/flow_runs/{first.json['id']}"
    api.post(f"{path}/set_state", {"state": {"type": "RUNNING"}})

    again = api.post("/flow_runs/", {**body, "state": {"type": "SCHEDULED"}})

    assert (first.status, again.status) == (201, 200)
    assert again.json["id"] == first.json["id"]
    assert again.json["state"]["type"] == "RUNNING"


def test_a_run_of_an_unknown_flow_is_a_conflict(transactional_db, api):
    reply = api.post("/flow_runs/", {"flow_id": str(uuid4())})

    assert reply.status == 409
    assert reply.json["detail"].startswith("Data integrity conflict.")


def test_a_run_may_name_its_pool_and_queue(api):
    pool = make.work_pool(name="p")
    queue = make.work_queue(pool, name="q")
    body = {"flow_id": str(make.flow().pk), "work_pool_name": "p"}

    default = api.post("/flow_runs/", body).json
    named = api.post("/flow_runs/", {**body, "work_queue_name": "q"}).json

    assert default["work_queue_id"] == str(pool.default_queue_id)
    assert named["work_queue_id"] == str(queue.pk)
    assert (named["work_pool_name"], named["work_queue_name"]) == ("p", "q")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({"work_pool_name": "nope"}, 'Work pool "nope" not found.'),
        (
            {"work_pool_name": "p", "work_queue_name": "nope"},
            "Work pool queue 'p/nope' not found.",
        ),
    ],
)
def test_an_unknown_pool_or_queue_is_missing(api, place, text):
    make.work_pool(name="p")

    reply = api.post("/flow_runs/", {"flow_id": str(make.flow().pk), **place})

    assert (reply.status, reply.json) == (404, {"detail": text})


def test_an_accepted_proposal_answers_201_with_the_state(api):
    run = make.flow_run(make.pending())

    reply = api.post(f"/flow_runs/{run.pk}/set_state", {"state": {"type": "RUNNING"}})

    assert reply.status == 201
    assert reply.json["status"] == "ACCEPT"
    assert reply.json["details"] == {"type": "accept_details"}
    assert reply.json["state"]["state_details"]["flow_run_id"] == str(run.pk)
    assert FlowRun.objects.get(pk=run.pk).state_type == "RUNNING"


def test_a_refused_proposal_answers_200_with_the_reason(api):
    run = make.flow_run(make.running())

    reply = api.post(f"/flow_runs/{run.pk}/set_state", {"state": {"type": "PENDING"}})

    assert reply.status == 200
    assert reply.json["status"] == "ABORT"
    assert reply.json["state"]["type"] == "RUNNING"
    assert "cannot transition" in reply.json["details"]["reason"]


def test_a_proposal_for_an_unknown_run(api):
    id = uuid4()

    reply = api.post(f"/flow_runs/{id}/set_state", {"state": {"type": "RUNNING"}})

    text = f"Flow run with id {id} not found"
    assert (reply.status, reply.json) == (404, {"exception_message": text})


@pytest.mark.parametrize(
    "state",
    [None, {}, "RUNNING", {"type": "NOPE"}, {"type": "RUNNING", "state_details": 3}],
)
def test_a_proposal_that_is_none(api, state):
    run = make.flow_run(make.pending())

    reply = api.post(f"/flow_runs/{run.pk}/set_state", {"state": state})

    assert reply.wrong[0][:2] == ["body", "state"]


def test_times_with_a_blank_and_without_a_zone_are_understood(api):
    run = make.flow_run(make.pending())
    details = {"scheduled_time": "2030-01-31 12:00:00.5", "cache_expiration": None}
    state = {"type": "SCHEDULED", "state_details": details}

    reply = api.post(f"/flow_runs/{run.pk}/set_state", {"state": state, "force": True})

    told = reply.json["state"]["state_details"]
    assert told["scheduled_time"] == "2030-01-31T12:00:00.500000Z"


def test_a_patch_changes_what_it_names(api):
    run = make.flow_run(make.running(), name="old", tags=["t"])

    assert api.patch(f"/flow_runs/{run.pk}", {"infrastructure_pid": "7"}).status == 204

    read = api.get(f"/flow_runs/{run.pk}").json
    assert (read["infrastructure_pid"], read["name"]) == ("7", "old")
    assert read["tags"] == ["t"]


def test_job_variables_of_a_running_run_are_fixed(api):
    run = make.flow_run(make.running())

    reply = api.patch(f"/flow_runs/{run.pk}", {"job_variables": {"a": 1}})

    assert reply.status == 400
    assert "in state RUNNING" in reply.json["detail"]


def test_labels_are_merged(api):
    run = make.flow_run(make.running(), labels={"a": 1, "b": 2})

    assert api.patch(f"/flow_runs/{run.pk}/labels", {"b": 3, "c": "d"}).status == 204

    labels = api.get(f"/flow_runs/{run.pk}").json["labels"]
    assert labels == {"a": 1, "b": 3, "c": "d"}


def test_what_is_missing_is_told_as_clients_expect(api):
    path = f"/flow_runs/{uuid4()}"

    assert api.get(path).json == {"detail": "Flow run not found"}
    assert api.patch(path, {"name": "x"}).json == {"detail": "Flow run not found"}
    for missing in (api.patch(f"{path}/labels", {"a": 1}), api.post(f"{path}/resume")):
        assert missing.status == 404
        assert set(missing.json) == {"exception_message"}


def test_lateness_and_run_time_are_computed(api):
    began = now() - timedelta(minutes=2)
    due = began - timedelta(minutes=1)
    run = make.flow_run(make.running(), at=began, expected_start_time=due)

    read = api.get(f"/flow_runs/{run.pk}").json

    assert read["estimated_start_time_delta"] == 60
    assert 120 <= read["estimated_run_time"] < 130
    assert read["total_run_time"] == 0


def test_a_paused_run_is_resumed(api):
    run = make.flow_run(make.pending())
    path = f"/flow_runs/{run.pk}"
    api.post(f"{path}/set_state", {"state": {"type": "RUNNING"}})
    api.post(f"{path}/set_state", {"state": {"type": "PAUSED"}})

    reply = api.post(f"{path}/resume", {"run_input": None})

    assert (reply.status, reply.json["status"]) == (201, "ACCEPT")
    assert api.get(path).json["state_type"] == "RUNNING"


def test_a_run_that_is_not_paused_cannot_be_resumed(api):
    run = make.flow_run(make.running())

    reply = api.post(f"/flow_runs/{run.pk}/resume")

    assert reply.status == 200
    assert (reply.json["status"], reply.json["state"]) == ("ABORT", None)


def test_a_list_of_runs_costs_the_same_however_long(api, django_assert_max_num_queries):
    flow = make.flow()
    for _ in range(20):
        make.flow_run(make.completed(), flow=flow)

    with django_assert_max_num_queries(2):
        found = api.post(
            "/flow_runs/filter", {"flows": {"name": {"any_": [flow.name]}}}
        )

    assert len(found.json) == 20
    assert all(run["state"]["name"] == "Completed" for run in found.json)
