from __future__ import annotations

from uuid import UUID

import pytest

from tests import factories as make


def test_a_flow_is_made_once_and_found_again(api):
    first = api.post("/flows/", {"name": "etl", "tags": ["a"]})
    again = api.post("/flows/", {"name": "etl", "tags": ["b"]})

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert again.json["tags"] == ["a"]


@pytest.mark.parametrize("name", ["", "a/b", "50%", "a&b", "<b>", None, 7])
def test_a_flow_needs_a_name_that_addresses_can_hold(api, name):
    assert api.post("/flows/", {"name": name}).wrong == [["body", "name"]]


def test_nulls_are_defaults_and_unknown_keys_are_ignored(api):
    body = {"name": "etl", "tags": None, "labels": None, "colour": "red"}

    made = api.post("/flows/", body)

    assert made.status == 201
    assert (made.json["tags"], made.json["labels"]) == ([], {})


def test_a_flow_is_found_by_id_and_by_name(api):
    flow = make.flow(name="etl")

    assert api.get(f"/flows/{flow.pk}").json == api.get("/flows/name/etl").json
    assert api.get("/flows/name/etl").json["id"] == str(flow.pk)


@pytest.mark.parametrize("path", [f"/flows/{UUID(int=0)}", "/flows/name/nobody"])
def test_a_missing_flow_is_said_to_be_missing(api, path):
    reply = api.get(path)

    assert (reply.status, reply.json) == (404, {"detail": "Flow not found"})


def test_tags_of_a_flow_can_change(api):
    flow = make.flow(tags=["old"])

    assert api.patch(f"/flows/{flow.pk}", {"tags": ["new"]}).status == 204

    assert api.get(f"/flows/{flow.pk}").json["tags"] == ["new"]


def test_a_patch_without_tags_leaves_them(api):
    flow = make.flow(tags=["old"])

    assert api.patch(f"/flows/{flow.pk}", {}).status == 204

    assert api.get(f"/flows/{flow.pk}").json["tags"] == ["old"]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (None, ["a", "b", "c"]),
        ("NAME_ASC", ["a", "b", "c"]),
        ("NAME_DESC", ["c", "b", "a"]),
        ("CREATED_DESC", ["b", "c", "a"]),
    ],
)
def test_flows_are_sorted(api, sort, names):
    for name in ("a", "c", "b"):
        make.flow(name=name)

    found = api.post("/flows/filter", {"sort": sort}).json

    assert [flow["name"] for flow in found] == names


def test_flows_are_filtered_by_their_runs_and_task_runs_at_once(api):
    good, bad = make.flow(name="good"), make.flow(name="bad")
    run = make.flow_run(make.running(), flow=good)
    make.task_run(make.completed(), flow_run=run)
    make.flow_run(make.running(), flow=bad)
    other = make.flow_run(make.failed(), flow=bad)
    make.task_run(make.completed(), flow_run=other)

    found = api.post(
        "/flows/filter",
        {
            "flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}},
            "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
        },
    ).json

    assert [flow["name"] for flow in found] == ["good"]


def test_flows_with_and_without_deployments(api):
    make.flow(name="without")
    make.deployment(flow=make.flow(name="with"))

    def names(yes: bool) -> list[str]:
        body = {"flows": {"deployment": {"is_null_": yes}}}
        return [flow["name"] for flow in api.post("/flows/filter", body).json]

    assert names(yes=True) == ["without"]
    assert names(yes=False) == ["with"]


def test_flows_are_counted(api):
    make.flow(name="etl-1")
    make.flow(name="ETL-2")
    make.flow(name="other")

    assert api.post("/flows/count", {"flows": {"name": {"like_": "etl"}}}).json == 2
