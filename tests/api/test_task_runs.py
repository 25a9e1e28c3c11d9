from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests import factories as make


def body(run=None, **fields):
    flow_run = {"flow_run_id": str(run.pk)} if run else {}
    return {"task_key": "t", "dynamic_key": "0", **flow_run, **fields}


def test_a_task_run_is_made_once_for_its_keys(api):
    run = make.flow_run(make.running())

    first = api.post("/task_runs/", body(run, name="t-0"))
    again = api.post("/task_runs/", body(run, name="other"))

    assert (first.status, again.status) == (201, 200)
    assert again.json["id"] == first.json["id"]
    assert again.json["name"] == "t-0"
    assert first.json["state_type"] == "PENDING"


def test_clients_may_choose_the_id(api):
    id = str(uuid4())

    assert api.post("/task_runs/", body(id=id)).json["id"] == id
    assert api.get(f"/task_runs/{id}").json["flow_run_id"] is None


def test_retry_delays_may_be_a_list(api):
    policy = {"retries": 3, "retry_delay": [1, 2.5], "retry_jitter_factor": 0.5}

    made = api.post("/task_runs/", body(empirical_policy=policy)).json

    assert made["empirical_policy"]["retry_delay"] == [1, 2.5]
    assert made["empirical_policy"]["max_retries"] == 0


@pytest.mark.parametrize(
    "policy",
    [
        {"retry_delay": 1e300},
        {"retry_delay": [1, 1e300]},
        {"retry_delay_seconds": 1e300},
        {"retries": -1},
        {"retries": 2**40},
        {"retry_jitter_factor": -1},
    ],
)
def test_retries_are_bounded(api, policy):
    place = ["body", "empirical_policy", *policy]

    reply = api.post("/task_runs/", body(empirical_policy=policy))

    assert {tuple(found[:3]) for found in reply.wrong} == {tuple(place)}


def test_inputs_of_a_task_run_come_back(api):
    inputs = {"x": [{"input_type": "task_run", "id": str(uuid4())}]}

    assert (
        api.post("/task_runs/", body(task_inputs=inputs)).json["task_inputs"] == inputs
    )


def test_proposals_answer_like_those_of_flow_runs(api):
    task = make.task_run(make.pending())
    path = f"/task_runs/{task.pk}"

    running = api.post(f"{path}/set_state", {"state": {"type": "RUNNING"}})
    done = {"type": "COMPLETED", "data": {"type": "reference", "key": "k"}}
    completed = api.post(f"{path}/set_state", {"state": done})

    assert (running.status, completed.status) == (201, 201)
    read = api.get(path).json
    assert (read["state_type"], read["run_count"]) == ("COMPLETED", 1)
    assert read["state"]["data"] == {"type": "reference", "key": "k"}
    assert read["state"]["state_details"]["task_run_id"] == str(task.pk)


@pytest.mark.parametrize("id", [UUID(int=0)])
def test_missing_task_runs_are_told_as_clients_expect(api, id):
    path = f"/task_runs/{id}"
    proposal = api.post(f"{path}/set_state", {"state": {"type": "RUNNING"}})

    assert api.get(path).json == {"detail": "Task not found"}
    assert api.patch(path, {"name": "x"}).json == {"detail": "Task run not found"}
    assert proposal.status == 404
    assert proposal.json == {"exception_message": f"Task run with id {id} not found"}


def test_a_task_run_is_renamed(api):
    task = make.task_run(make.running())

    assert api.patch(f"/task_runs/{task.pk}", {"name": "new"}).status == 204
    assert api.get(f"/task_runs/{task.pk}").json["name"] == "new"


def test_task_runs_are_filtered_by_what_is_around_them(api):
    run = make.flow_run(make.running())
    wanted = make.task_run(make.running(), flow_run=run)
    make.task_run(make.running())
    flows = {"name": {"any_": [run.flow.name]}}

    found = api.post("/task_runs/filter", {"flows": flows}).json
    count = api.post("/task_runs/count", {"flow_runs": {"id": {"any_": [str(run.pk)]}}})

    assert [one["id"] for one in found] == [str(wanted.pk)]
    assert count.json == 1


def test_placeholders_of_subflows_can_be_told_apart(api):
    parent = make.flow_run(make.running())
    child = make.subflow_run(parent, make.running())
    make.task_run(make.running(), flow_run=parent)

    def ids(yes: bool) -> list[str]:
        body = {"task_runs": {"subflow_runs": {"exists_": yes}}}
        return [one["id"] for one in api.post("/task_runs/filter", body).json]

    assert ids(yes=True) == [str(child.parent_task_run_id)]
    assert str(child.parent_task_run_id) not in ids(yes=False)
