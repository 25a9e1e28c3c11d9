"""Agents and flow processes that are killed: no run is left behind, none is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Server, clean_environment

FLOW = """
import pathlib, time
from orion import flow, task

@task
def one():
    return 1

@flow
def waits():
    while not pathlib.Path("go").exists():
        time.sleep(0.05)
    return one()
"""
SHORT, USUAL = 1.0, (15.0, 10.0)  # seconds between beats of agent and run
SLACK, LOOP = 5.0, 2 * 5.0  # seconds; a tick begins, and the next one finds the run
MOST = 90.0  # seconds until a dead run must be known as one


class Site:
    """A folder with a flow, its deployment, and the agents that a test starts."""

    def __init__(self, server: Server, folder: Path, *, long: bool) -> None:
        self.server, self.folder = server, folder
        agent, run = USUAL if long else (SHORT, SHORT)
        self.env = clean_environment() | {
            "ORION_API_URL": f"{server.url}/api",
            "ORION_HOME": str(server.home),
            "ORION_AGENT_HEARTBEAT_SECONDS": str(agent),
            "ORION_FLOWS_HEARTBEAT_SECONDS": str(run),
            "ORION_AGENT_POLL_INTERVAL": "0.5",
            "ORION_CANCELLATION_GRACE_SECONDS": "2",
        }
        self.agents: list[subprocess.Popen[bytes]] = []
        (folder / "waits.py").write_text(FLOW)
        assert self.orion("deploy", "waits.py:waits", "--name", "d").wait(60) == 0

    def orion(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.server.home / "orion.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "orion.cli", *arguments],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def agent(self, *options: str) -> subprocess.Popen[bytes]:
        name = f"a{len(self.agents)}"
        agent = self.orion("agent", "start", "--name", name, *options)
        self.agents.append(agent)
        return agent

    def new_run(self) -> str:
        api = self.server.api
        deployment = api.get("/deployments/name/waits/d").json()["id"]
        made = api.post(f"/deployments/{deployment}/create_flow_run", json={})
        return str(made.json()["id"])

    def run(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = self.server.api.get(f"/flow_runs/{run}").json()
        return found

    def started(self, run: str) -> int:
        """Wait until the run is running; the id of its process."""
        self.until(lambda: self.state(run) == "RUNNING" and self.pid(run))
        return self.pid(run)

    def pid(self, run: str) -> int:
        return int((self.run(run)["infrastructure_pid"] or ":0").rpartition(":")[2])

    def state(self, run: str) -> str:
        return str(self.run(run)["state"]["type"])

    def history(self, run: str) -> list[str]:
        answer = self.server.api.get("/flow_run_states/", params={"flow_run_id": run})
        return [state["type"] for state in answer.json()]

    def until(self, is_so: Callable[[], Any], *, within: float = 60) -> float:
        """Wait for it; how long it took."""
        begin = time.monotonic()
        while not is_so():
            assert time.monotonic() < begin + within, self.said()
            time.sleep(0.1)
        return time.monotonic() - begin

    def said(self) -> str:
        log = (self.server.home / "orion.log").read_text()[-4000:]
        return f"agents and commands:\n{log}\nserver:\n{self.server.log()}"

    def go(self) -> None:
        (self.folder / "go").touch()

    def close(self) -> None:
        self.go()
        for agent in self.agents:
            agent.kill()
            agent.wait()


@pytest.fixture
def site(server: Server, tmp_path: Path, long: bool) -> Iterator[Site]:
    made = Site(server, tmp_path, long=long)
    yield made
    made.close()


def test_kill_nine_of_agent_and_child_is_a_crash_with_its_reason(site: Site):
    agent = site.agent()
    run = site.new_run()
    child = site.started(run)

    agent.kill()
    os.kill(child, signal.SIGKILL)
    took = site.until(lambda: site.state(run) == "CRASHED", within=MOST)

    assert took <= MOST
    assert site.history(run) == ["SCHEDULED", "PENDING", "RUNNING", "CRASHED"]
    assert "No sign of life" in site.run(run)["state"]["message"]


def test_every_run_that_dies_with_its_agent_is_crashed_in_time(site: Site, long: bool):
    agent = site.agent("--limit", "20")
    runs = [site.new_run() for _ in range(20 if long else 4)]
    children = [site.started(run) for run in runs]

    agent.kill()
    for child in children:
        os.kill(child, signal.SIGKILL)
    killed = datetime.now(UTC)
    site.until(lambda: {site.state(run) for run in runs} == {"CRASHED"}, within=MOST)

    interval = USUAL[0] if long else SHORT
    for run in runs:
        state = site.run(run)["state"]
        silence = datetime.fromisoformat(state["timestamp"]) - killed
        assert silence.total_seconds() <= 4 * interval + SLACK + LOOP
        assert "No sign of life" in state["message"]


def test_kill_nine_of_the_agent_alone_lets_the_run_complete(site: Site):
    agent = site.agent()
    run = site.new_run()
    site.started(run)

    agent.kill()
    agent.wait()
    site.go()
    site.until(lambda: site.state(run) == "COMPLETED")

    assert site.history(run)[-1] == "COMPLETED"


def test_a_wrongly_inferred_crash_is_overridden_by_the_runs_own_report(site: Site):
    agent = site.agent()
    run = site.new_run()
    child = site.started(run)

    agent.kill()
    os.kill(child, signal.SIGSTOP)
    site.until(lambda: site.state(run) == "CRASHED", within=MOST)
    os.kill(child, signal.SIGCONT)
    site.go()
    site.until(lambda: site.state(run) == "COMPLETED")

    assert site.history(run)[2:] == ["RUNNING", "CRASHED", "COMPLETED"]
    tasks = site.server.api.post(
        "/task_runs/filter", json={"flow_runs": {"id": {"any_": [run]}}}
    ).json()
    assert [task["state"]["type"] for task in tasks] == ["COMPLETED"]


def test_kill_nine_of_the_child_alone_is_reported_by_the_agent(site: Site):
    site.agent()
    run = site.new_run()
    child = site.started(run)

    os.kill(child, signal.SIGKILL)
    took = site.until(lambda: site.state(run) == "CRASHED")

    assert took <= 10
    assert "SIGKILL" in site.run(run)["state"]["message"]


def test_a_cancelled_run_is_stopped(site: Site):
    site.agent()
    run = site.new_run()
    child = site.started(run)

    site.orion("flow-run", "cancel", run).wait(30)
    site.until(lambda: site.state(run) == "CANCELLED")

    assert site.history(run)[-2:] == ["CANCELLING", "CANCELLED"]
    site.until(lambda: not Path(f"/proc/{child}/cmdline").exists())


def test_a_stopped_agent_waits_for_its_run(site: Site):
    agent = site.agent()
    run = site.new_run()
    site.started(run)

    agent.terminate()
    site.go()

    assert agent.wait(60) == 0
    assert site.state(run) == "COMPLETED"
