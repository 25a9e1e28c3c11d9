"""Unmodified 2.x and 3.x clients run their flows against our server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.clients.client import FLOWS, Client, Outcome, most_at_once
from tests.support.server import Server

KINDS = [(2, "sync"), (2, "async"), (3, "sync"), (3, "async")]
TAGS = {"sync": "one-at-a-time-sync", "async": "one-at-a-time-async"}
Kind = tuple[int, str]


class Clients:
    """The client processes of this module; each starts when it is first asked for."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.started: dict[tuple[Kind, tuple[str, ...]], Client] = {}
        self.ids: dict[tuple[Kind, tuple[str, ...]], dict[str, str]] = {}

    def start(self, kind: Kind, *names: str) -> None:
        """Start a client for some of the flows."""
        generation, style = kind
        home = self.folder / f"{generation}-{style}-{len(self.started)}"
        client = Client(generation, style, names, url=self.server.url, home=home)
        self.started[kind, names] = client

    def outcome(self, kind: Kind, name: str, *names: str) -> Outcome:
        """What became of one of the flows that a client ran together."""
        key = (kind, names)
        if key not in self.started:
            self.start(kind, *names)
        if key not in self.ids:
            self.ids[key] = self.started[key].ids()
        return Outcome(self.server.api, self.ids[key][name])

    def close(self) -> None:
        """End what still runs."""
        for client in self.started.values():
            client.close()


@pytest.fixture(scope="module")
def clients(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clients]:
    """The clients of this module, each started when its outcome is asked for."""
    running = Clients(server, tmp_path_factory.mktemp("clients"))
    for tag in TAGS.values():
        limit = {"tag": tag, "concurrency_limit": 1}
        server.api.post("/concurrency_limits/", json=limit).raise_for_status()
    for style in TAGS:  # 2.x is told to wait half a minute, so let it begin
        running.start((2, style), "limited")
    yield running
    running.close()


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind[0]}.x {kind[1]}", scope="module")
def kind(request: pytest.FixtureRequest) -> Kind:
    """A generation of the client and a style of the flows."""
    found: Kind = request.param
    return found


@pytest.fixture
def outcome(clients: Clients, kind: Kind, request: pytest.FixtureRequest) -> Outcome:
    """The run of the flow that the test is named after."""
    name = request.node.originalname.removeprefix("test_").partition("__")[0]
    return clients.outcome(kind, name, *FLOWS)


def test_submitted__tasks_and_their_parameters_and_logs(outcome: Outcome):
    histories = outcome.task_histories(3)

    assert outcome.run["parameters"] == {"n": 3, "words": ["a", "b"]}
    assert outcome.history == ["Pending", "Running", "Completed"]
    assert sorted(histories) == ["double 0", "double 1", "double 2"]
    for history in histories.values():
        assert history == ["Pending", "Running", "Completed"]
    messages = [log["message"] for log in outcome.logs()]
    assert "words a, b" in messages
    assert {"doubling 0", "doubling 1", "doubling 2"} <= set(messages)


def test_submitted__logs_belong_to_their_task_runs(outcome: Outcome):
    names = {run["id"]: run["name"] for run in outcome.task_runs(3)}
    doubling = [log for log in outcome.logs() if log["message"].startswith("doubling")]

    assert sorted((names[log["task_run_id"]], log["message"]) for log in doubling) == [
        (f"double {n}", f"doubling {n}") for n in range(3)
    ]
    (words,) = [log for log in outcome.logs() if log["message"] == "words a, b"]
    assert (words["level"], words["task_run_id"]) == (30, None)


def test_task_retry__is_followed_by_a_second_attempt(outcome: Outcome):
    (run,) = outcome.task_runs(1)

    assert outcome.history == ["Pending", "Running", "Completed"]
    assert [state["name"] for state in outcome.task_states(run)] == [
        "Pending",
        "Running",
        "AwaitingRetry",
        "Retrying",
        "Completed",
    ]
    assert run["run_count"] == 2


def test_flow_retry__is_followed_by_a_second_attempt(outcome: Outcome, kind: Kind):

    assert outcome.history == [
        "Pending",
        "Running",
        "AwaitingRetry",
        "Running",
        "Completed",
    ]
    assert outcome.run["run_count"] == 2
    if kind[0] == 2:  # the second attempt takes over the task run of the first
        once = ["Pending", "Running", "Completed"]
        assert outcome.task_histories(1) == {"double 1": once}
    else:
        assert list(outcome.task_histories(2)) == ["double 1", "double 2"]


def test_failing__task_fails_its_flow(outcome: Outcome):
    histories = outcome.task_histories(1)

    assert histories == {"broken": ["Pending", "Running", "Failed"]}
    assert outcome.history == ["Pending", "Running", "Failed"]
    assert "broken for good" in outcome.run["state"]["message"]


def test_parent__is_linked_to_its_child(outcome: Outcome):
    (dummy,) = outcome.task_runs(1)
    wanted = {"flow_runs": {"parent_flow_run_id": {"any_": [outcome.id]}}}
    (found,) = outcome.post("/flow_runs/filter", wanted)
    child = Outcome(outcome.api, found["id"])

    assert child.run["parent_task_run_id"] == dummy["id"]
    assert dummy["state"]["state_details"]["child_flow_run_id"] == child.id
    assert [state["name"] for state in outcome.task_states(dummy)] == [
        "Pending",
        "Pending",
        "Running",
        "Completed",
    ]
    assert child.history == ["Pending", "Running", "Completed"]
    assert child.task_histories(1) == {"double 21": ["Pending", "Running", "Completed"]}


def test_cached__second_call_is_taken_from_the_cache(outcome: Outcome):
    first, second = outcome.task_histories(2).values()

    assert first == ["Pending", "Running", "Completed"]
    assert second[-1] == "Cached"
    assert outcome.history[-1] == "Completed"


def test_persisted__results_are_kept_as_references(outcome: Outcome, kind: Kind):
    (run,) = outcome.task_runs(1)
    generation, _ = kind

    assert outcome.history == ["Pending", "Running", "Completed"]
    for state in (outcome.run["state"], run["state"]):
        assert state["data"]["storage_key"]
        assert (state["data"].get("type") == "reference") == (generation == 2)


def test_limited__never_two_at_once(clients: Clients, kind: Kind):
    outcome = clients.outcome(kind, "limited", "limited")
    runs = outcome.task_runs(3)

    spans = []
    for run in runs:
        states = outcome.task_states(run)
        times = {s["type"]: datetime.fromisoformat(s["timestamp"]) for s in states}
        spans.append((times["RUNNING"], times["COMPLETED"]))
    assert sorted(run["name"] for run in runs) == ["slow 0", "slow 1", "slow 2"]
    assert most_at_once(spans) == 1
    assert outcome.history == ["Pending", "Running", "Completed"]
