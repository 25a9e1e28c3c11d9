from __future__ import annotations

from uuid import uuid4

import pytest

from tests import factories as make


@pytest.mark.parametrize("kind", ["flow_run", "task_run"])
def test_the_history_of_a_run_is_told_from_the_beginning(api, kind):
    run = getattr(make, kind)(make.pending())
    for type in ("RUNNING", "COMPLETED"):
        api.post(f"/{kind}s/{run.pk}/set_state", {"state": {"type": type}})

    states = api.get(f"/{kind}_states/?{kind}_id={run.pk}").json

    assert [state["type"] for state in states] == ["PENDING", "RUNNING", "COMPLETED"]
    assert api.get(f"/{kind}_states/{states[1]['id']}").json == states[1]


@pytest.mark.parametrize("kind", ["flow_run", "task_run"])
def test_the_run_must_be_named(api, kind):
    assert api.get(f"/{kind}_states/").wrong == [["query", f"{kind}_id"]]
    assert api.get(f"/{kind}_states/?{kind}_id=x").wrong == [["query", f"{kind}_id"]]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("flow_run", "Flow run state not found"),
        ("task_run", "Task run state not found"),
    ],
)
def test_a_missing_state(api, kind, text):
    reply = api.get(f"/{kind}_states/{uuid4()}")

    assert (reply.status, reply.json) == (404, {"detail": text})
