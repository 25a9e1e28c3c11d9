"""The socket that tells events, of the real server, on a real connection."""

from __future__ import annotations

import json
import socket as sockets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.server import Server

pytestmark = pytest.mark.usefixtures("template")
CANCELLING = "prefect.flow-run.Cancelling"


@contextmanager
def listening(server: Server, filter: dict[str, Any]) -> Iterator[ClientConnection]:
    """A connection after its handshake and its filter."""
    url = f"{server.url.replace('http', 'ws')}/api/events/out"
    with connect(url, subprotocols=["prefect"], close_timeout=1) as client:  # type: ignore[list-item] # plain text is fine
        client.send(json.dumps({"type": "auth", "token": None}))
        assert json.loads(client.recv(timeout=20)) == {"type": "auth_success"}
        client.send(json.dumps({"type": "filter", "filter": filter}))
        yield client


def heard(client: ClientConnection) -> dict[str, Any]:
    """The next event."""
    frame = json.loads(client.recv(timeout=20))
    assert frame["type"] == "event"
    event: dict[str, Any] = frame["event"]
    return event


def of_run(run: str, *names: str) -> dict[str, Any]:
    """A filter of one run's events, as 3.x clients send them."""
    now = datetime.now(UTC)
    span = {
        "since": (now - timedelta(minutes=1)).isoformat(),
        "until": (now + timedelta(days=365)).isoformat(),
    }
    resource = {"id": [f"prefect.flow-run.{run}"]}
    event = {"name": list(names)} if names else None
    return {"occurred": span, "resource": resource, "event": event, "order": "DESC"}


def new_run(server: Server) -> str:
    """A running flow run."""
    flow = server.api.post("/flows/", json={"name": "events-out"}).json()
    body = {"flow_id": flow["id"], "tags": ["b", "a"], "state": {"type": "RUNNING"}}
    return str(server.api.post("/flow_runs/", json=body).json()["id"])


def propose(server: Server, run: str, type: str, message: str = "") -> None:
    """Force a state."""
    body = {"state": {"type": type, "message": message}, "force": True}
    server.api.post(f"/flow_runs/{run}/set_state", json=body).raise_for_status()


def test_what_happened_before_is_told_first_and_everything_once(server: Server):
    run = new_run(server)

    with listening(server, of_run(run)) as client:
        first = heard(client)
        for type in ("CANCELLING", "CANCELLED"):
            propose(server, run, type)
        others = [heard(client) for _ in range(2)]
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.3)

    told = [one["event"].rpartition(".")[2] for one in (first, *others)]
    assert told == ["Running", "Cancelling", "Cancelled"]


def test_a_transition_tells_the_run_its_states_and_what_is_related(server: Server):
    run = new_run(server)
    with listening(server, of_run(run, CANCELLING)) as client:
        propose(server, run, "CANCELLING", "enough")

        event = heard(client)

    state = server.api.get(f"/flow_runs/{run}").json()["state"]
    assert event["id"] == state["id"]
    assert event["resource"]["prefect.resource.id"] == f"prefect.flow-run.{run}"
    assert event["resource"]["prefect.state-type"] == "CANCELLING"
    assert event["payload"] == {
        "intended": {"from": "RUNNING", "to": "CANCELLING"},
        "initial_state": {"type": "RUNNING", "name": "Running", "message": ""},
        "validated_state": {
            "type": "CANCELLING",
            "name": "Cancelling",
            "message": "enough",
        },
    }
    roles = [one["prefect.resource.role"] for one in event["related"]]
    assert roles == ["flow", "tag", "tag"]


def test_events_of_clients_are_told_as_they_were_sent(server: Server):
    run, name = new_run(server), "my.own.event"
    resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
    sent = {
        "id": "01900000-0000-7000-8000-00000000beef",
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": resource,
        "related": [],
        "payload": {"a": [1]},
        "follows": None,
    }
    with listening(server, of_run(run, name)) as client:
        inlet = f"{server.url.replace('http', 'ws')}/api/events/in"
        with connect(inlet) as other:
            other.send(json.dumps(sent))

        event = heard(client)

    for key in ("id", "event", "resource", "payload"):
        assert event[key] == sent[key]
    assert datetime.fromisoformat(event["received"])


def test_what_another_process_writes_is_told_too(server: Server):
    run = new_run(server)
    elsewhere = (
        "from core.actor import OWNER; from events.record import record; "
        "from runs.models import FlowRun; "
        f"record('elsewhere', subject=FlowRun.objects.get(pk='{run}'), actor=OWNER)"
    )
    with listening(server, of_run(run, "elsewhere")) as client:
        command = server.manage("shell", "-c", elsewhere)

        event = heard(client)

        assert command.wait(timeout=30) == 0
    assert event["resource"]["prefect.resource.id"] == f"prefect.flow-run.{run}"


def test_a_client_that_never_reads_holds_up_nobody(server: Server):
    run = new_run(server)
    with listening(server, of_run(run)) as stuck:
        stuck.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 1024)
        with listening(server, of_run(run, CANCELLING)) as client:
            for _ in range(20):
                propose(server, run, "RUNNING", "x" * 100_000)
            propose(server, run, "CANCELLING")

            assert heard(client)["event"] == CANCELLING


def test_the_reason_of_a_refused_filter_is_told(server: Server):
    with (
        listening(server, {"event": {"name": 7}}) as client,
        pytest.raises(ConnectionClosed) as closed,
    ):
        client.recv(timeout=20)

    told = closed.value.rcvd
    assert told is not None
    assert told.code == 1002
    assert told.reason.startswith("Invalid filter: filter.event.name")
