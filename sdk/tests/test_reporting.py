"""What travels over the wire, against a server in memory."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orion import flow, runtime, tags, task
from orion.engine.flow_run import execute_flow_run
from orion.exceptions import Abort
from orion.testing import Harness, harness


@pytest.fixture
def server() -> Iterator[Harness]:
    with harness() as found:
        yield found


@task
def add(a: int, b: int) -> int:
    return a + b


def paths(server: Harness) -> list[str]:
    """The requests with ids cut out."""
    runs = {run["id"] for kind in server.api.runs.values() for run in kind.values()}
    told = []
    for method, path, _ in server.requests:
        for run in runs:
            path = path.replace(run, "ID")
        told.append(f"{method} {path}")
    return told


def test_an_empty_flow_takes_four_requests(server: Harness) -> None:
    @flow
    def nothing() -> None: ...

    nothing()

    assert [p for p in paths(server) if "logs" not in p] == [
        "POST /flows/",
        "POST /flow_runs/",
        "POST /flow_runs/ID/set_state",
        "POST /flow_runs/ID/set_state",
    ]
    assert server.states(server.last_run) == ["Pending", "Running", "Completed"]


def test_a_task_takes_two_requests_and_is_told_before_the_end(server: Harness) -> None:
    @flow
    def sums() -> int:
        return add(1, 2)

    sums()

    told = [p for p in paths(server) if "logs" not in p]
    assert told[3:] == [
        "POST /task_runs/",
        "POST /task_runs/ID/set_state",
        "POST /flow_runs/ID/set_state",
    ]
    assert server.states(server.task_runs()[0]) == ["Running", "Completed"]


def test_every_transition_has_an_id_of_its_own(server: Harness) -> None:
    @flow
    def sums() -> int:
        return add(1, 2)

    sums()

    ids = [
        body["state"]["state_details"]["transition_id"]
        for _, path, body in server.requests
        if path.endswith("set_state") or path == "/task_runs/"
    ]
    assert len(set(ids)) == len(ids) == 4


def test_edges_name_the_runs_that_made_the_inputs(server: Harness) -> None:
    @task
    def rows() -> list[int]:
        return [1, 2]

    @task
    def count(found: Any) -> int:
        return len(found)

    @flow
    def chain() -> None:
        one = add.submit(1, 1)
        add.after(one).submit(one.ref, 2).result()
        count(rows())

    chain()

    by_name = {run["name"].split("-")[0]: run for run in server.task_runs()}
    adds = [run for run in server.task_runs() if run["name"].startswith("add")]
    first = next(run for run in adds if not run["task_inputs"]["a"])
    second = next(run for run in adds if run["task_inputs"]["a"])
    edge = [{"input_type": "task_run", "id": first["id"]}]
    assert second["task_inputs"] == {"a": edge, "b": [], "wait_for": edge}
    made = [{"input_type": "task_run", "id": by_name["rows"]["id"]}]
    assert by_name["count"]["task_inputs"] == {"found": made}


def test_task_retries_are_in_the_history(server: Harness) -> None:
    @task(retries=1, retry_delay_seconds=0.01)
    def flaky() -> int:
        if runtime.task_run.run_count == 1:
            raise ConnectionError("down")
        return 1

    @flow
    def retries() -> int:
        return flaky()

    assert retries() == 1
    run = server.task_runs()[0]
    assert server.states(run) == ["Running", "AwaitingRetry", "Retrying", "Completed"]
    assert run["empirical_policy"] == {"retries": 1}


def test_a_failed_task_tells_the_server_not_to_retry(server: Harness) -> None:
    @task(retries=1, retry_on=TimeoutError)
    def breaks() -> None:
        raise ValueError("no")

    @flow
    def fails() -> None:
        breaks()

    with pytest.raises(ValueError, match="no"):
        fails()

    last = server.task_runs()[0]["state"]
    assert (last["name"], last["message"]) == ("Failed", "ValueError: no")
    assert last["state_details"]["retriable"] is False


def test_the_servers_retry_of_a_flow_is_obeyed(server: Harness) -> None:
    @flow(retries=1)
    def again() -> int:
        count = int(runtime.flow_run.run_count)
        add(count, 0)
        if count == 1:
            raise ValueError("first")
        return count

    server.answer(
        "FAILED",
        "REJECT",
        state={"type": "SCHEDULED", "name": "AwaitingRetry"},
        reason="Retrying",
    )

    assert again() == 2
    run = server.last_run
    assert run["empirical_policy"] == {"retries": 1, "retry_delay": 0}
    assert server.states(run) == [
        "Pending",
        "Running",
        "AwaitingRetry",
        "Retrying",
        "Completed",
    ]
    (task_run,) = server.task_runs(run)
    assert server.states(task_run) == ["Running", "Completed", "Running", "Completed"]


def test_a_retry_that_is_not_wanted_is_taken_back_first(server: Harness) -> None:
    @flow(retries=1, retry_condition_fn=lambda *_: False)
    def picky() -> None:
        raise ValueError("no")

    assert picky.as_state().is_failed()

    patches = [body for method, _, body in server.requests if method == "PATCH"]
    assert patches == [{"empirical_policy": {"retries": 0, "retry_delay": 0}}]


def test_a_subflow_has_a_placeholder_in_its_parent(server: Harness) -> None:
    @flow
    def child(x: int) -> int:
        return add(x, 1)

    @flow
    def parent() -> int:
        return child(1)

    assert parent() == 2

    outer, inner = server.flow_runs()
    (placeholder,) = server.task_runs(outer)
    assert inner["parent_task_run_id"] == placeholder["id"]
    assert placeholder["task_key"].endswith("child")
    assert inner["parameters"] == {"x": 1}
    assert len(server.task_runs(inner)) == 1


def test_tagged_tasks_ask_before_they_run(server: Harness) -> None:
    @task(tags=["scarce"])
    def limited() -> int:
        return 1

    server.answer("RUNNING", "ACCEPT", state={"type": "RUNNING"})  # the flow's own
    server.answer("RUNNING", "WAIT", delay_seconds=0, reason="limit reached")

    @flow
    def uses() -> int:
        return limited.submit().result()

    assert uses() == 1
    (run,) = server.task_runs()
    assert run["tags"] == ["scarce"]
    assert server.states(run) == ["Pending", "Running", "Completed"]
    proposals = [p for p in paths(server) if p == "POST /task_runs/ID/set_state"]
    assert len(proposals) == 3


def test_context_tags_are_on_runs(server: Harness) -> None:
    @flow(tags=["own"])
    def tagged() -> None: ...

    with tags("night"):
        tagged()

    assert server.last_run["tags"] == ["night", "own"]


def test_an_aborted_start_runs_nothing(server: Harness) -> None:
    calls: list[int] = []

    @flow
    def never() -> None:
        calls.append(1)

    server.answer("RUNNING", "ABORT", reason="somebody else has it")

    with pytest.raises(Abort, match="somebody else"):
        never()
    assert calls == []


def test_a_task_that_may_never_run_ends_its_flow(server: Harness) -> None:
    @task(tags=["closed"])
    def limited() -> None: ...

    @flow
    def uses() -> None:
        with contextlib.suppress(Exception):  # which an abort is not
            limited()

    server.answer("RUNNING", "ACCEPT", state={"type": "RUNNING"})  # the flow's own
    server.answer("RUNNING", "ABORT", reason="the limit is 0")

    with pytest.raises(Abort, match="limit is 0"):
        uses()
    assert server.last_run["state"]["type"] == "CRASHED"
    assert "limit is 0" in server.last_run["state"]["message"]


def test_a_cancelled_run_ends_cancelled(server: Harness) -> None:
    @flow
    def long() -> int:
        return 1

    server.answer("COMPLETED", "REJECT", state={"type": "CANCELLING"}, reason="no")

    assert long.as_state().is_cancelled()
    assert server.states(server.last_run)[-2:] == ["Cancelling", "Cancelled"]


def test_invalid_parameters_end_the_run_failed(server: Harness) -> None:
    @flow
    def counts(n: int) -> None: ...

    anything: Any = counts
    with pytest.raises(TypeError):
        anything("many")

    assert server.states(server.last_run) == ["Pending", "Failed"]
    assert server.last_run["parameters"] == {"n": "many"}
    assert "Validation of flow parameters failed" in server.last_run["state"]["message"]


def test_values_stay_here_unless_small_ones_are_allowed() -> None:
    @flow
    def answers(value: Any) -> Any:
        return value

    with harness() as server:
        answers(5)
        assert server.last_run["state"]["data"] is None
    with harness(results__inline_small=True) as server:
        answers(5)
        assert server.last_run["state"]["data"] == {"type": "literal", "value": 5}
        answers("x" * 500)
        assert server.last_run["state"]["data"] is None


def test_a_known_run_is_executed_under_its_id(server: Harness) -> None:
    @flow(retries=1, retry_delay_seconds=3)
    def nightly(day: int) -> int:
        return day + 1

    body = {"name": "made-by-server", "flow_id": "f", "state": {"type": "PENDING"}}
    known = server.api._create_run("flow", body)
    known = {**known, "flow_id": None, "parameters": {"day": "6"}}

    state = execute_flow_run(
        nightly, flow_run=known, parameters={"day": "6"}, transport=server.api
    )

    assert state.result() == 7
    assert server.states(server.last_run) == ["Pending", "Running", "Completed"]
    assert server.last_run["empirical_policy"] == {"retries": 1, "retry_delay": 3}


def test_a_known_run_with_wrong_parameters_ends_failed(server: Harness) -> None:
    @flow
    def nightly(day: int) -> int:
        return day

    known = server.api._create_run("flow", {"name": "n", "state": {"type": "PENDING"}})

    state = execute_flow_run(
        nightly, flow_run=known, parameters={"night": 1}, transport=server.api
    )

    assert state.is_failed()
    assert "night" in (server.last_run["state"]["message"] or "")


def test_an_async_flow_reports_the_same(server: Harness) -> None:
    @task
    async def aadd(a: int, b: int) -> int:
        return a + b

    @flow
    async def sums() -> int:
        return await aadd(1, 2) + await aadd.submit(3, 4)

    assert asyncio.run(sums()) == 10
    assert [server.states(run) for run in server.task_runs()] == [
        ["Running", "Completed"]
    ] * 2
    assert server.states(server.last_run) == ["Pending", "Running", "Completed"]


def test_values_that_are_no_json_are_described(server: Harness) -> None:
    @flow
    def takes(thing: Any, number: float, path: Path) -> None: ...

    takes(object(), float("nan"), Path("a/b"))

    parameters = server.last_run["parameters"]
    assert parameters["thing"]["__orion_type__"] == "unserializable"
    assert parameters["number"]["repr"] == "nan"
    assert parameters["path"] == os.path.join("a", "b")


def test_free_tasks_are_reported_without_a_flow(server: Harness) -> None:
    from orion.report.reporter import open_reporter

    assert add(1, 2) == 3
    open_reporter().drain()

    (run,) = server.task_runs()
    assert run["flow_run_id"] is None
    assert server.states(run) == ["Running", "Completed"]
