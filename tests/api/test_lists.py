"""Pages, histories, lateness, and what is deleted or changed in bulk."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from concurrency import tag_slots
from core.actor import OWNER
from core.clock import now
from logs.models import Log
from runs.models import FlowRun, TaskRun
from tests import factories as make

HOUR = {"history_interval_seconds": 3600}


def test_a_history_counts_runs_by_the_hour_they_were_expected_in(api):
    for at in ("2026-01-01T00:10:00Z", "2026-01-01T00:50:00Z", "2026-01-01T02:00:00Z"):
        flow = str(make.flow().pk)
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": at}}
        api.post("/flow_runs/", {"flow_id": flow, "state": state})
    span = {
        "history_start": "2026-01-01T00:00:00Z",
        "history_end": "2026-01-01T02:30:00Z",
    }

    parts = api.post("/flow_runs/history", {**span, **HOUR}).json

    assert [sum(s["count_runs"] for s in one["states"]) for one in parts] == [2, 0, 1]
    assert parts[0]["states"][0]["state_type"] == "SCHEDULED"
    assert parts[0]["states"][0]["sum_estimated_lateness"] > 0
    assert parts[2]["interval_end"] == "2026-01-01T03:00:00Z"


@pytest.mark.parametrize(
    "span",
    [
        {
            "history_start": "2026-01-02T00:00:00Z",
            "history_end": "2026-01-01T00:00:00Z",
        },
        {
            "history_start": "2026-01-01T00:00:00Z",
            "history_end": "2026-01-01T00:00:00Z",
        },
    ],
)
def test_a_span_that_is_none_has_no_parts(api, span):
    assert api.post("/flow_runs/history", {**span, **HOUR}).json == []


def test_a_history_has_at_most_500_parts(api):
    span = {
        "history_start": "2026-01-01T00:00:00Z",
        "history_end": "2027-01-01T00:00:00Z",
    }

    assert len(api.post("/task_runs/history", {**span, **HOUR}).json) == 500


def test_lateness_is_a_mean_or_nothing(api):
    assert api.post("/flow_runs/lateness").json is None
    make.flow_run(make.scheduled(now() - timedelta(seconds=100)))

    assert 100 <= api.post("/flow_runs/lateness").json < 200


def test_pages_are_numbered_and_counted(api):
    runs = [make.flow_run(name=f"r{number}") for number in range(5)]

    body = {"limit": 2, "page": 3, "sort": "NAME_ASC"}
    page = api.post("/flow_runs/paginate", body).json
    beyond = api.post("/flow_runs/paginate", {**body, "page": 2_000_000_000}).json

    assert [one["id"] for one in page["results"]] == [str(runs[4].pk)]
    assert (page["count"], page["pages"], page["page"]) == (5, 3, 3)
    assert beyond["results"] == []


def test_a_deleted_run_takes_its_slots_tasks_and_logs_along(
    api, django_capture_on_commit_callbacks
):
    run = make.flow_run(make.running())
    task = make.task_run(make.running(), flow_run=run)
    make.log(run)
    limit = api.post("/concurrency_limits/", {"tag": "t", "concurrency_limit": 1}).json
    tag_slots.take(["t"], task.pk, actor=OWNER, now=now())

    with django_capture_on_commit_callbacks(execute=True):
        answer = api.delete(f"/flow_runs/{run.pk}")

    assert answer.status == 204
    assert not FlowRun.objects.filter(pk=run.pk).exists()
    assert not TaskRun.objects.filter(pk=task.pk).exists()
    assert not Log.objects.filter(flow_run_id=run.pk).exists()
    assert api.get(f"/concurrency_limits/{limit['id']}").json["active_slots"] == []


def test_a_deleted_flow_takes_its_runs_and_deployments_along(api):
    run = make.flow_run()
    body = {"name": "d", "flow_id": str(run.flow_id)}
    deployment = api.post("/deployments/", body).json["id"]

    assert api.delete(f"/flows/{run.flow_id}").status == 204

    assert api.get(f"/deployments/{deployment}").status == 404
    assert api.get(f"/flow_runs/{run.pk}").status == 404


def test_a_bulk_operation_acts_on_what_its_filter_selects(api):
    kept, gone = make.flow_run(), make.flow_run()
    chosen = {"flow_runs": {"id": {"any_": [str(gone.pk), str(uuid4())]}}}

    cancelled = api.post(
        "/flow_runs/bulk_set_state", {**chosen, "state": {"type": "CANCELLED"}}
    ).json
    deleted = api.post("/flow_runs/bulk_delete", chosen).json

    (result,) = cancelled["results"]
    assert (result["flow_run_id"], result["status"]) == (str(gone.pk), "ACCEPT")
    assert deleted == {"deleted": [str(gone.pk)]}
    assert api.get(f"/flow_runs/{kept.pk}").status == 200


def test_a_slot_of_a_tag_is_taken_once_and_refused_with_a_time(api):
    api.post("/concurrency_limits/", {"tag": "t", "concurrency_limit": 1})
    mine, other = str(uuid4()), str(uuid4())
    take = "/concurrency_limits/increment"

    first = api.post(take, {"names": ["t"], "task_run_id": mine})
    again = api.post(take, {"names": ["t"], "task_run_id": mine})
    refused = api.post(take, {"names": ["t"], "task_run_id": other})
    api.post("/concurrency_limits/decrement", {"names": ["t"], "task_run_id": mine})
    second = api.post(take, {"names": ["t"], "task_run_id": other})

    assert (first.status, again.status, second.status) == (200, 200, 200)
    assert refused.status == 423
    assert float(refused.headers["Retry-After"]) >= 0
    held = api.get("/concurrency_limits/tag/t").json["active_slots"]
    assert held == [other]
