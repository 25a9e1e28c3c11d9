"""Many clients want the same run at once; one gets it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.server import Server
from tests.support.wire import Reply, Wire

PROPOSALS = 64


@pytest.fixture(scope="module")
def second(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Another server process on the database of `server`."""
    home: Path = tmp_path_factory.mktemp("second")
    running = Server(home, server.env["ORION_DATABASE_URL"])
    running.start()
    yield running
    running.close()


class Contenders:
    """Clients with open connections that propose at the same moment."""

    def __init__(self, ports: list[int]) -> None:
        self.wires = [Wire(ports[i % len(ports)]) for i in range(PROPOSALS)]
        self.start = threading.Barrier(PROPOSALS)

    def propose(self, run: str) -> list[Reply]:
        """Everybody asks for Pending, each with a transition id of its own."""
        replies: list[Reply] = []

        def ask(wire: Wire) -> None:
            details = {"transition_id": str(uuid4())}
            state = {"type": "PENDING", "name": "Pending", "state_details": details}
            self.start.wait(timeout=30)
            replies.append(wire.post(f"/flow_runs/{run}/set_state", {"state": state}))

        threads = [threading.Thread(target=ask, args=(wire,)) for wire in self.wires]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return replies

    def close(self) -> None:
        for wire in self.wires:
            wire.connection.close()


def test_of_64_claims_on_two_servers_one_is_accepted(
    server: Server, second: Server, long: bool
):
    contenders = Contenders([server.port, second.port])
    with Wire(server.port) as wire:
        flow = wire.created("/flows/", {"name": "contended"})["id"]
        for _ in range(50 if long else 10):
            state = {"type": "SCHEDULED", "name": "Scheduled"}
            run = wire.created("/flow_runs/", {"flow_id": flow, "state": state})["id"]

            replies = contenders.propose(run)

            assert {reply.status for reply in replies} <= {200, 201}
            verdicts = Counter(reply.json()["status"] for reply in replies)
            assert verdicts == {"ACCEPT": 1, "ABORT": PROPOSALS - 1}
            history = wire.get(f"/flow_run_states/?flow_run_id={run}").json()
            assert [state["type"] for state in history] == ["SCHEDULED", "PENDING"]
    contenders.close()
