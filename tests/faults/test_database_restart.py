"""PostgreSQL goes away under load: 503 for a while, then work goes on by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lacking import lacking
from tests.support.postgres import Cluster, create_database, new_cluster
from tests.support.server import Server
from tests.support.template import Template
from tests.support.wire import LOST, Reply, Wire

WRITERS = 8


@pytest.fixture
def cluster(template: Template) -> Iterator[Cluster]:
    """A PostgreSQL of our own, so that stopping it disturbs nobody."""
    made = new_cluster()
    if made is None:
        lacking("postgres", "a cluster that may be stopped needs initdb")
    yield made
    made.remove()


@pytest.fixture
def server(cluster: Cluster, home: Path) -> Iterator[Server]:
    running = Server(home, create_database(cluster.url("postgres"), "restarted"))
    running.start()
    yield running
    running.close()


def create_runs(stop: threading.Event, port: int, flow: str, seen: list[Reply]) -> None:
    """Write until told to stop; remember each answer."""
    with Wire(port) as wire:
        while not stop.is_set():
            reply = wire.post("/flow_runs/", {"flow_id": flow})
            seen.append(reply)
            if not reply.ok:
                stop.wait(0.1)


def await_answer(wire: Wire, flow: str, status: int, *, within: float) -> Reply:
    """Ask until a write is answered that way; 500 is never right."""
    deadline = time.monotonic() + within
    while True:
        reply = wire.post("/flow_runs/", {"flow_id": flow})
        if reply.status == status:
            return reply
        assert time.monotonic() < deadline, f"still {reply.status} after {within} s"
        time.sleep(0.1)


def await_stored(seen: list[list[Reply]], runs: int, *, within: float) -> None:
    """Let the load go on until so many writes have been acknowledged."""
    deadline = time.monotonic() + within
    while sum(reply.ok for mine in seen for reply in mine) < runs:
        assert time.monotonic() < deadline, f"no {runs} writes in {within} s"
        time.sleep(0.05)


@pytest.mark.postgres_only
def test_a_stopped_postgresql_gives_503_and_a_restart_heals(
    cluster: Cluster, server: Server, long: bool
):
    stop = threading.Event()
    seen: list[list[Reply]] = [[] for _ in range(WRITERS)]
    with Wire(server.port) as wire:
        flow = wire.created("/flows/", {"name": "restart"})["id"]
        writers = [
            threading.Thread(target=create_runs, args=(stop, server.port, flow, mine))
            for mine in seen
        ]
        pid = server.process.pid
        for writer in writers:
            writer.start()
        try:
            for turn in range(1, 21 if long else 3):
                await_stored(seen, 100 * turn, within=30)
                cluster.stop()
                refusal = await_answer(wire, flow, 503, within=10)
                health = wire.get("/health")
                ready = wire.get("/ready")
                cluster.start()
                await_answer(wire, flow, 201, within=10)

                assert int(refusal.headers["retry-after"]) > 0
                assert (health.status, ready.status) == (200, 503)
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        replies = [reply for mine in seen for reply in mine]
        stored = {reply.json()["id"] for reply in replies if reply.ok}
        missing = [run for run in stored if not wire.get(f"/flow_runs/{run}").ok]

    assert server.process.poll() is None
    assert server.process.pid == pid
    assert {reply.status for reply in replies} == {201, 503}
    assert missing == []


def test_the_load_generator_notices_a_lost_connection(home: Path):
    """Guards the guard: an answer that never came must not pass for a refusal."""
    with Wire(1, timeout=2) as wire, pytest.raises(LOST):
        wire.get("/health")
