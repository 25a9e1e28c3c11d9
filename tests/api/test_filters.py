"""Filters as clients send them: shown on flow runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.clock import now
from tests import factories as make


@pytest.fixture
def found(api):
    """The names of the flow runs that a body finds, sorted."""

    def names(**body: Any) -> list[str]:
        reply = api.post("/flow_runs/filter", {"sort": "NAME_ASC", **body})
        assert reply.status == 200, reply.content
        assert api.post("/flow_runs/count", body).json == len(reply.json)
        return [run["name"] for run in reply.json]

    return names


@pytest.fixture
def runs(db):
    """Three runs that differ in everything filters ask about."""
    moment = now()
    a = make.flow_run(
        make.running(), name="a", tags=["x", "y"], at=moment - timedelta(hours=3)
    )
    b = make.flow_run(make.failed(), name="b", tags=["y"], at=moment)
    c = make.flow_run(make.scheduled(moment + timedelta(hours=3)), name="c")
    return {"a": a, "b": b, "c": c}


def test_no_filter_and_an_empty_one_find_everything(found, runs):
    assert found() == found(flow_runs={}) == found(flow_runs=None) == ["a", "b", "c"]
    assert found(flow_runs={"id": None, "name": {}}) == ["a", "b", "c"]


def test_any_of_none_finds_nothing(found, runs):
    assert found(flow_runs={"id": {"any_": []}}) == []
    assert found(flow_runs={"name": {"any_": []}}) == []
    assert found(flow_runs={"tags": {"any_": []}}) == []


def test_all_of_none_finds_everything(found, runs):
    assert found(flow_runs={"tags": {"all_": []}}) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("criterion", "names"),
    [
        ({"name": {"any_": ["a", "c"]}}, ["a", "c"]),
        ({"name": {"like_": "A"}}, ["a"]),
        ({"name": {"like_": "_"}}, ["a", "b", "c"]),
        ({"tags": {"all_": ["x", "y"]}}, ["a"]),
        ({"tags": {"any_": ["x", "y"]}}, ["a", "b"]),
        ({"tags": {"is_null_": True}}, ["c"]),
        ({"tags": {"is_null_": False}}, ["a", "b"]),
        ({"state": {"type": {"any_": ["RUNNING", "FAILED"]}}}, ["a", "b"]),
        ({"state": {"type": {"not_any_": ["RUNNING"]}}}, ["b", "c"]),
        ({"state": {"name": {"any_": ["Scheduled"]}}}, ["c"]),
        ({"start_time": {"is_null_": True}}, ["c"]),
        ({"end_time": {"is_null_": False}}, ["b"]),
        ({"deployment_id": {"is_null_": True}}, ["a", "b", "c"]),
        ({"parent_task_run_id": {"is_null_": False}}, []),
        ({"idempotency_key": {"any_": ["k"]}}, []),
        ({"flow_version": {"any_": ["v"]}}, []),
        ({"work_queue_name": {"is_null_": True}}, ["a", "b", "c"]),
        ({"created_by": {"type_": ["AUTOMATION"]}}, []),
        ({"created_by": {"is_null_": True}}, ["a", "b", "c"]),
        ({"colour": {"any_": ["red"]}}, ["a", "b", "c"]),
        ({"name": {"colour_": "red"}}, ["a", "b", "c"]),
    ],
)
def test_criteria(found, runs, criterion, names):
    assert found(flow_runs=criterion) == names


def test_criteria_are_joined_by_their_operator(found, runs):
    both = {"name": {"any_": ["a"]}, "state": {"type": {"any_": ["FAILED"]}}}

    assert found(flow_runs=both) == []
    assert found(flow_runs={"operator": "or_", **both}) == ["a", "b"]
    assert found(flow_runs={"operator": "or_", "name": {}, "id": {"any_": []}}) != []


def test_the_start_is_the_expected_one_until_there_is_a_real_one(found, runs):
    later = (now() + timedelta(hours=1)).isoformat()

    assert found(flow_runs={"start_time": {"after_": later}}) == ["c"]
    assert found(flow_runs={"start_time": {"before_": later}}) == ["a", "b"]
    blank = later.replace("T", " ")
    assert found(flow_runs={"expected_start_time": {"after_": blank}}) == ["c"]


def test_children_are_found_by_the_run_around_them(found, runs):
    child = make.subflow_run(runs["a"], make.running())

    parents = {"any_": [str(runs["a"].pk)]}

    assert found(flow_runs={"parent_flow_run_id": parents}) == [child.name]


def test_filters_of_other_resources_are_joined(found, runs):
    deployment = make.deployment(tags=["prod"])
    make.flow_run(make.running(), name="d", deployment=deployment)
    make.task_run(make.failed(), flow_run=runs["a"])

    flow = {"any_": [str(runs["b"].flow_id)]}
    assert found(flows={"id": flow}) == ["b"]
    assert found(task_runs={"state": {"type": {"any_": ["FAILED"]}}}) == ["a"]
    assert found(flows={"id": flow}, task_runs={"name": {"like_": ""}}) == []
    assert found(deployments={"tags": {"all_": ["prod"]}}) == ["d"]


def test_pools_and_queues_are_joined(found, runs):
    queue = make.work_queue(make.work_pool(name="p"), name="q")
    make.flow_run(make.scheduled(), name="d", work_queue=queue)

    assert found(work_pools={"name": {"any_": ["p"]}}) == ["d"]
    assert found(work_pool_queues={"name": {"any_": ["q"]}}) == ["d"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"flow_runs": {"id": {"any_": ["x"]}}}, ["flow_runs", "id", "any_", 0]),
        ({"flow_runs": {"id": {"any_": "x"}}}, ["flow_runs", "id", "any_"]),
        ({"flow_runs": {"id": 3}}, ["flow_runs", "id"]),
        ({"flow_runs": 3}, ["flow_runs"]),
        ({"flow_runs": {"name": {"any_": [3]}}}, ["flow_runs", "name", "any_", 0]),
        ({"flow_runs": {"name": {"like_": ["a"]}}}, ["flow_runs", "name", "like_"]),
        (
            {"flow_runs": {"name": {"like_": "x" * 6000}}},
            ["flow_runs", "name", "like_"],
        ),
        (
            {"flow_runs": {"start_time": {"after_": "noon"}}},
            ["flow_runs", "start_time", "after_"],
        ),
        (
            {"flow_runs": {"start_time": {"after_": "0001-01-01T00:00:00+14:00"}}},
            ["flow_runs", "start_time", "after_"],
        ),
        ({"flow_runs": {"operator": "xor_"}}, ["flow_runs", "operator"]),
        ({"flows": {"tags": {"is_null_": "yes"}}}, ["flows", "tags", "is_null_"]),
        ({"sort": "SIZE"}, ["sort"]),
        ({"limit": "many"}, ["limit"]),
    ],
)
def test_a_filter_that_is_none_is_told_where(api, body, place):
    assert api.post("/flow_runs/filter", body).wrong == [["body", *place]]


def test_lists_in_a_filter_are_bounded_together(api):
    ids = [str(uuid4())] * 6000
    body = {"flow_runs": {"id": {"any_": ids, "not_any_": ids}}}

    assert api.post("/flow_runs/count", body).wrong == [
        ["body", "flow_runs", "id", "not_any_"]
    ]


@pytest.mark.parametrize(
    ("window", "text"),
    [
        ({"limit": 201}, "Invalid limit: must be less than or equal to 200."),
        ({"limit": -1}, "Invalid limit: must be greater than or equal to 0."),
        ({"offset": -1}, "Invalid offset: must be greater than or equal to 0"),
        ({"offset": 2**40}, "Invalid offset"),
    ],
)
def test_pages_are_bounded(api, window, text):
    reply = api.post("/flow_runs/filter", window)

    assert reply.status == 422
    assert reply.json["detail"].startswith(text)


def test_sent_nulls_are_the_defaults(found, runs):
    assert found(limit=None, offset=None, sort=None) == ["c", "b", "a"]


def test_a_page_of_none_is_empty(api, runs):
    assert api.post("/flow_runs/filter", {"limit": 0}).json == []


@pytest.mark.parametrize(
    "sort",
    [
        "ID_DESC",
        "START_TIME_ASC",
        "START_TIME_DESC",
        "EXPECTED_START_TIME_ASC",
        "EXPECTED_START_TIME_DESC",
        "NAME_ASC",
        "NAME_DESC",
        "NEXT_SCHEDULED_START_TIME_ASC",
        "END_TIME_DESC",
    ],
)
def test_every_sort_is_known_and_pages_do_not_overlap(api, runs, sort):
    pages = [
        api.post("/flow_runs/filter", {"sort": sort, "limit": 2, "offset": offset}).json
        for offset in (0, 2)
    ]

    names = [run["name"] for page in pages for run in page]
    assert sorted(names) == ["a", "b", "c"]
    if sort.startswith(("START_TIME", "EXPECTED")):
        assert names == (["a", "b", "c"] if sort.endswith("ASC") else ["c", "b", "a"])
