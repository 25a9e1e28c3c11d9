"""What the server acknowledged is stored, whenever it is killed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from uuid import uuid4

from tests.support.server import Server
from tests.support.wire import LOST, Wire

WRITERS = 16
ACKNOWLEDGED = 5_000


@dataclass(slots=True)
class Ledger:
    """What was acknowledged: run -> state ids, run -> messages of log lines."""

    states: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    writes: int = 0
    refused: list[str] = field(default_factory=list)
    reached: threading.Condition = field(default_factory=threading.Condition)

    def note(self) -> None:
        """One more acknowledged write."""
        with self.reached:
            self.writes += 1
            self.reached.notify_all()

    def wait_for(self, writes: int, *, within: float) -> None:
        """Return when that many writes have been acknowledged."""
        with self.reached:
            enough = self.reached.wait_for(lambda: self.writes >= writes, within)
        assert enough, f"only {self.writes} of {writes} writes in {within} s"


def acknowledged(ledger: Ledger, wire: Wire, path: str, body: object) -> dict[str, str]:
    """A write that counts; anything but a 2xx is remembered as refused."""
    reply = wire.post(path, body)
    if reply.ok:
        ledger.note()
    else:
        ledger.refused.append(f"{path} {reply.status} {reply.content[:200]!r}")
        raise ConnectionAbortedError(path)
    return reply.json() or {}


def live_one_life(ledger: Ledger, wire: Wire, flow_id: str) -> None:
    """Create a run, write a line, take it through two states."""
    body = {"flow_id": flow_id, "state": {"type": "PENDING", "name": "Pending"}}
    run = acknowledged(ledger, wire, "/flow_runs/", body)["id"]
    ledger.states[run] = []
    line = {
        "name": "ledger",
        "level": 20,
        "message": uuid4().hex,
        "timestamp": "2026-01-01T00:00:00Z",
        "flow_run_id": run,
    }
    acknowledged(ledger, wire, "/logs/", [line])
    ledger.lines[run] = [line["message"]]
    for kind in ("RUNNING", "COMPLETED"):
        path = f"/flow_runs/{run}/set_state"
        answer = acknowledged(ledger, wire, path, {"state": {"type": kind}})
        assert answer["status"] == "ACCEPT", answer
        ledger.states[run].append(answer["state"]["id"])


def write_until(
    stop: threading.Event, server: Server, ledger: Ledger, flow: str
) -> None:
    """Keep writing through kills and restarts; a lost answer is not acknowledged."""
    while not stop.is_set():
        try:
            with Wire(server.port) as wire:
                while not stop.is_set():
                    live_one_life(ledger, wire, flow)
        except LOST:
            stop.wait(0.05)


def lost(ledger: Ledger, wire: Wire) -> list[str]:
    """What the ledger has and the server has not."""
    missing = []
    for run, states in ledger.states.items():
        if not wire.get(f"/flow_runs/{run}").ok:
            missing.append(f"run {run}")
            continue
        stored = wire.get(f"/flow_run_states/?flow_run_id={run}").json()
        known = {state["id"] for state in stored}
        missing += [f"state {state} of {run}" for state in states if state not in known]
        current = wire.get(f"/flow_runs/{run}").json()["state"]
        if current["id"] != stored[-1]["id"]:
            missing.append(f"run {run} points at {current['id']}, half a transaction")
    runs = list(ledger.lines)
    for start in range(0, len(runs), 100):
        some = runs[start : start + 100]
        wanted = {"flow_run_id": {"any_": some}}
        found = wire.created("/logs/filter", {"logs": wanted, "limit": 200})
        messages = {line["message"] for line in found}
        missing += [
            f"line {message} of {run}"
            for run in some
            for message in ledger.lines[run]
            if message not in messages
        ]
    return missing


def test_kill_nine_loses_no_acknowledged_write(server: Server, long: bool):
    rounds = 20 if long else 3
    ledger, stop = Ledger(), threading.Event()
    with Wire(server.port) as wire:
        flow = wire.created("/flows/", {"name": "ledger"})["id"]
    arguments = (stop, server, ledger, flow)
    writers = [
        threading.Thread(target=write_until, args=arguments) for _ in range(WRITERS)
    ]

    for writer in writers:
        writer.start()
    try:
        for turn in range(1, rounds + 1):
            ledger.wait_for(ACKNOWLEDGED * turn // rounds, within=120)
            server.kill()
            server.start()
    finally:
        stop.set()
        for writer in writers:
            writer.join()

    assert ledger.writes >= ACKNOWLEDGED
    assert ledger.refused == []
    with Wire(server.port) as wire:
        assert lost(ledger, wire) == []
