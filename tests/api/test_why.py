from __future__ import annotations

from uuid import uuid4

from tests import factories as make


def test_a_refusal_is_told_with_its_rule_and_reason_newest_first(api):
    run = make.flow_run(make.running())
    path = f"/flow_runs/{run.pk}/set_state"
    refused = api.post(path, {"state": {"type": "PENDING"}}).json
    api.post(path, {"state": {"type": "SCHEDULED", "name": "Late"}})

    why = api.get(f"/x/v1/flow_runs/{run.pk}/why").json

    assert why["state"]["type"] == "RUNNING"
    assert [one["to"] for one in why["decisions"]] == ["Late", "Pending"]
    first = why["decisions"][-1]
    assert first["reason"] == refused["details"]["reason"]
    assert (first["verdict"], first["from"]) == ("ABORT", "Running")
    assert first["rule"]
    assert first["policy"]
    assert "Pending" in first["sentence"]


def test_a_task_run_outside_a_running_flow_is_explained(api):
    task = make.task_run(make.pending(), flow_run=make.flow_run(make.pending()))
    api.post(f"/task_runs/{task.pk}/set_state", {"state": {"type": "RUNNING"}})

    why = api.get(f"/x/v1/task_runs/{task.pk}/why").json

    assert [one["verdict"] for one in why["decisions"]] == ["ABORT"]
    assert task.flow_run.name in why["decisions"][0]["sentence"]


def test_a_run_nobody_refused_anything_has_no_decisions(api):
    run = make.flow_run(make.running())

    assert api.get(f"/x/v1/flow_runs/{run.pk}/why").json["decisions"] == []


def test_an_unknown_run_has_no_reasons(api):
    assert api.get(f"/x/v1/flow_runs/{uuid4()}/why").status == 404
    assert api.get(f"/x/v1/task_runs/{uuid4()}/why").status == 404
