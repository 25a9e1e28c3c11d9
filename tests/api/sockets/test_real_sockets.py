"""The events socket of the real server, up to the rows that the API shows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.support.server import Server

STATES = ("Pending", "Running", "Completed")


def socket(
    server: Server, path: str = "/api/events/in", **how: Any
) -> ClientConnection:
    """A connection to one of the server's sockets."""
    return connect(f"{server.url.replace('http', 'ws')}{path}", **how)


def report(task_run: str, flow_run: str, name: str, second: int) -> dict[str, Any]:
    """What a 3.x client says about a task run."""
    at = f"2026-01-31T12:00:{second:02}.000000Z"
    state = {"type": name.upper(), "name": name, "message": None, "state_details": {}}
    return {
        "id": str(uuid4()),
        "occurred": at,
        "event": f"prefect.task-run.{name}",
        "resource": {
            "prefect.resource.id": f"prefect.task-run.{task_run}",
            "prefect.resource.name": "t-0",
            "prefect.run-count": "1",
            "prefect.state-name": name,
            "prefect.state-type": name.upper(),
            "prefect.state-message": "",
            "prefect.state-timestamp": at,
            "prefect.orchestration": "client",
        },
        "related": [
            {
                "prefect.resource.id": f"prefect.flow-run.{flow_run}",
                "prefect.resource.role": "flow-run",
            }
        ],
        "payload": {
            "intended": {"from": None, "to": name.upper()},
            "initial_state": None,
            "validated_state": {**state, "data": None},
            "task_run": {
                "name": "t-0",
                "task_key": "t",
                "dynamic_key": task_run,
                "empirical_policy": {},
                "tags": ["x"],
                "labels": {},
                "task_inputs": {},
                "run_count": 1,
                "flow_run_run_count": 1,
                "expected_start_time": at,
                "total_run_time": 0,
            },
        },
        "follows": None,
    }


def eventually(is_so: Callable[[], bool], *, within: float = 20) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {within} s"
        time.sleep(0.02)


@pytest.fixture
def flow_run(server: Server) -> str:
    flow = server.api.post("/flows/", json={"name": "sockets"}).json()
    run = server.api.post("/flow_runs/", json={"flow_id": flow["id"]}).json()
    return str(run["id"])


def test_task_runs_that_clients_report_are_shown(server: Server, flow_run: str):
    tasks = [str(uuid4()) for _ in range(50)]

    with socket(server, subprotocols=["prefect"]) as client:
        client.send(json.dumps({"type": "auth", "token": None}))
        assert json.loads(client.recv(timeout=10)) == {"type": "auth_success"}
        for second, name in enumerate(STATES):
            for task in tasks:
                client.send(json.dumps(report(task, flow_run, name, second)))

    def completed() -> bool:
        wanted = {"state": {"type": {"any_": ["COMPLETED"]}}}
        body = {"task_runs": wanted, "flow_runs": {"id": {"any_": [flow_run]}}}
        return server.api.post("/task_runs/count", json=body).json() == len(tasks)

    eventually(completed)
    history = server.api.get(f"/task_run_states/?task_run_id={tasks[0]}").json()
    assert [state["name"] for state in history] == list(STATES)


def test_an_invalid_frame_closes_the_socket(server: Server):
    with socket(server) as client:
        client.send("{")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=10)

    assert closed.value.rcvd.code == 1007


def test_the_reason_of_a_close_is_told(server: Server):
    with socket(server, subprotocols=["prefect"]) as client:
        client.send(json.dumps({"type": "hello"}))
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=10)

    told = closed.value.rcvd
    assert (told.code, told.reason) == (1008, "Expected 'auth' message")


def test_a_large_event_is_taken(server: Server, flow_run: str):
    task = str(uuid4())
    large = report(task, flow_run, "Running", 0)
    large["payload"]["task_run"]["labels"] = {"text": "x" * 1_400_000}

    with socket(server) as client:
        client.send(json.dumps(large))

    eventually(lambda: server.api.get(f"/task_runs/{task}").status_code == 200)


def test_an_unknown_socket_is_refused(server: Server):
    with pytest.raises(InvalidStatus) as refused:
        socket(server, "/api/no/such/socket")

    assert refused.value.response.status_code == 403


def test_a_foreign_page_cannot_open_a_socket(server: Server):
    with pytest.raises(InvalidStatus) as refused:
        socket(server, origin="https://elsewhere.example")

    assert refused.value.response.status_code == 403
