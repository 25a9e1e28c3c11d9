"""Agents killed at random points: no run is left behind, and none has two bodies."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.server import Server, clean_environment

FLOW = """
import os, pathlib, time
from orion import flow

@flow
def body(marks: str):
    mark = pathlib.Path(marks) / os.environ["ORION_FLOW_RUN_ID"]
    with mark.open("a") as file:
        file.write(f"begin {os.getpid()} {time.monotonic()}\\n")
        file.flush()
        time.sleep(0.7)
        file.write(f"end {os.getpid()} {time.monotonic()}\\n")
"""
MOST = 90.0  # seconds until a run whose agent was killed is terminal or claimable
DONE = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
PHASES = ("SCHEDULED", "PENDING", "PENDING", "RUNNING", "COMPLETED")
LONGEST_DELAY = 0.6  # seconds after the phase was reached
SEED = 20261121


@dataclass
class Victim:
    """One agent with a queue and a run of its own, and how it was killed."""

    queue: str
    phase: str
    delay: float
    takes_child: bool
    agent: subprocess.Popen[bytes]
    run: str = ""
    killed_at: float = 0.0
    freed_at: float = 0.0

    def kill(self) -> None:
        """`kill -9` of the agent, and of its child if that is this point's way."""
        children = children_of(self.agent.pid) if self.takes_child else []
        self.agent.kill()
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.agent.wait()
        self.killed_at = time.time()


class Range:
    """A server, a flow, and agents to shoot at."""

    def __init__(self, server: Server, folder: Path, *, long: bool) -> None:
        self.server, self.folder, self.marks = server, folder, folder / "marks"
        self.marks.mkdir()
        (folder / "body.py").write_text(FLOW)
        self.env = clean_environment() | {
            "ORION_API_URL": f"{server.url}/api",
            "ORION_HOME": str(server.home),
            "ORION_AGENT_POLL_INTERVAL": "0.3",
        }
        if not long:
            self.env |= {
                "ORION_AGENT_HEARTBEAT_SECONDS": "0.5",
                "ORION_FLOWS_HEARTBEAT_SECONDS": "0.5",
            }
        flow = server.api.post("/flows/", json={"name": "body"}).json()["id"]
        self.flow, self.agents = flow, list[subprocess.Popen[bytes]]()

    def agent(self, name: str, *queues: str) -> subprocess.Popen[bytes]:
        named = [word for queue in queues for word in ("-q", queue)]
        command = [sys.executable, "-P", "-m", "orion.cli", "agent", "start", *named]
        with (self.server.home / "agents.log").open("ab") as log:
            agent = subprocess.Popen(
                [*command, "--name", name],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.agents.append(agent)
        return agent

    def victim(self, number: int, dice: random.Random) -> Victim:
        queue = f"q{number}"
        return Victim(
            queue=queue,
            phase=PHASES[number % len(PHASES)],
            delay=dice.uniform(0, LONGEST_DELAY),
            takes_child=dice.random() < 0.5,
            agent=self.agent(f"victim{number}", queue),
        )

    def begin(self, victim: Victim) -> None:
        """A deployment in its queue, and a run that is due now."""
        deployment = {
            "name": victim.queue,
            "flow_id": self.flow,
            "entrypoint": "body.py:body",
            "path": str(self.folder),
            "work_queue_name": victim.queue,
            "parameters": {"marks": str(self.marks)},
        }
        made = self.server.api.post("/deployments/", json=deployment).json()["id"]
        run = self.server.api.post(f"/deployments/{made}/create_flow_run", json={})
        victim.run = run.json()["id"]

    def state(self, victim: Victim) -> str:
        run = self.server.api.get(f"/flow_runs/{victim.run}").json()
        return str(run["state"]["type"])

    def has_reached(self, victim: Victim) -> bool:
        order = ("SCHEDULED", "PENDING", "RUNNING", "COMPLETED")
        now = self.state(victim)
        return now not in order or order.index(now) >= order.index(victim.phase)

    def said(self) -> str:
        log = (self.server.home / "agents.log").read_text(errors="replace")[-6000:]
        return f"agents:\n{log}\nserver:\n{self.server.log()}"

    def watch(self, victims: list[Victim]) -> None:
        """Until all have ended; note when each was first seen terminal or claimable."""
        open_still = list(victims)
        deadline = time.monotonic() + 2 * MOST
        while open_still:
            for victim in list(open_still):
                state = self.state(victim)
                if state in DONE | {"SCHEDULED"} and not victim.freed_at:
                    victim.freed_at = time.time()
                if state in DONE:
                    open_still.remove(victim)
            assert time.monotonic() < deadline, self.left(open_still)
            time.sleep(0.1)

    def left(self, victims: list[Victim]) -> str:
        """What is known of runs that did not end."""
        told = []
        for one in victims:
            why = self.server.api.get(f"/x/v1/flow_runs/{one.run}/why").json()
            told += [f"{one}", f"{self.history(one)}", f"{why}"]
        return "\n".join([*told, self.said()])

    def took(self, victim: Victim) -> float:
        """Seconds from the kill until it was free: claimable again, or seen to end."""
        again = [
            at
            for kind, at in self.history(victim)
            if kind == "SCHEDULED" and at >= victim.killed_at
        ]
        return max(0.0, min([victim.freed_at, *again]) - victim.killed_at)

    def history(self, victim: Victim) -> list[tuple[str, float]]:
        query = {"flow_run_id": victim.run}
        states = self.server.api.get("/flow_run_states/", params=query).json()
        return [
            (state["type"], datetime.fromisoformat(state["timestamp"]).timestamp())
            for state in states
        ]

    def bodies(self, victim: Victim) -> list[str]:
        mark = self.marks / victim.run
        return mark.read_text().splitlines() if mark.exists() else []

    def close(self) -> None:
        for agent in self.agents:
            if agent.poll() is None:
                agent.kill()
                agent.wait()


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in found for child in each.read_text().split()]


@pytest.fixture(scope="module")
def server(
    database_url: str, tmp_path_factory: pytest.TempPathFactory, long: bool
) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("home"), database_url)
    if not long:
        running.env |= {"ORION_AGENT_CLAIM": "PT4S"}
    running.start()
    yield running
    running.close()


@pytest.fixture
def site(server: Server, tmp_path: Path, long: bool) -> Iterator[Range]:
    made = Range(server, tmp_path, long=long)
    yield made
    made.close()


@pytest.mark.timeout(1800)
def test_every_run_ends_or_waits_for_others_and_no_body_runs_twice(
    site: Range, long: bool
):
    count, group = (60, 12) if long else (5, 5)
    dice, slowest = random.Random(SEED), 0.0
    for first in range(0, count, group):
        victims = [site.victim(n, dice) for n in range(first, first + group)]
        shoot(site, victims)
        names = [victim.queue for victim in victims]
        rescuer = site.agent(f"rescuer{first}", *names)
        site.watch(victims)
        rescuer.terminate()
        assert rescuer.wait(60) == 0, site.said()
        for victim in victims:
            took = site.took(victim)
            slowest = max(slowest, took)
            assert took <= MOST, (victim, site.history(victim), site.said())
            check_bodies(victim, site.bodies(victim), site.said)
    print(f"{count} kills, the slowest run was free after {slowest:.1f} s")


def shoot(site: Range, victims: list[Victim]) -> None:
    """Let each reach its point, then kill it there."""
    for victim in victims:
        site.begin(victim)
    waiting, due = list(victims), dict[str, float]()
    while waiting:
        for victim in list(waiting):
            if victim.queue not in due and site.has_reached(victim):
                due[victim.queue] = time.monotonic() + victim.delay
            if time.monotonic() >= due.get(victim.queue, float("inf")):
                victim.kill()
                waiting.remove(victim)
        assert all(v.agent.poll() is None for v in waiting), site.said()
        time.sleep(0.01)


def check_bodies(victim: Victim, lines: list[str], said: Callable[[], str]) -> None:
    """A run that began is never begun again: its deployment asks for no retries."""
    begins = [line for line in lines if line.startswith("begin")]
    assert len(begins) <= 1, (victim, lines, said())
