"""The agent as a program, with real processes, against an API kept in memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sdk.tests.client.fake import FakeServer

from orion.worker.ledger import Ledger
from orion.worker.processes import started_at

# Importing it is all that happens here: it waits, says so, and ends as it is told.
SOURCE = """
import os, pathlib, sys, time, urllib.request
print("out of the flow", flush=True)
print("cwd", os.getcwd(), file=sys.stderr, flush=True)
{more}
urllib.request.urlopen(
    os.environ["ORION_API_URL"] + "/up/" + os.environ["ORION_FLOW_RUN_ID"]
).close()
while not pathlib.Path("go").exists():
    time.sleep(0.02)
raise SystemExit("told to go")
"""
REAL_FLOW = """
import os, pathlib, time, urllib.request
from orion import flow

@flow(log_prints=True)
def f(n: int):
    run = os.environ["ORION_FLOW_RUN_ID"]
    urllib.request.urlopen(os.environ["ORION_API_URL"] + "/up/" + run).close()
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
    print(f"n is {n}")
"""
IGNORE_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
BEAT = ("POST", "/x/v1/agents/heartbeat")


class World:
    """A server, a folder with a flow, and the agents that a test starts."""

    def __init__(self, folder: Path) -> None:
        self.home, self.flows = folder / "home", folder / "flows"
        self.flows.mkdir()
        self.server = FakeServer(folder=str(self.flows), entrypoint="report.py:f")
        self.agents: list[subprocess.Popen[str]] = []
        self.flow()

    def flow(self, more: str = "") -> None:
        (self.flows / "report.py").write_text(SOURCE.format(more=more))

    def agent(self, *options: str, **env: str) -> subprocess.Popen[str]:
        agent = subprocess.Popen(
            [sys.executable, "-P", "-m", "orion.cli", "agent", "start", *options],
            env={
                **os.environ,
                "ORION_HOME": str(self.home),
                "ORION_API_URL": self.server.url,
                "ORION_AGENT_NAME": "a",
                "ORION_AGENT_POLL_INTERVAL": "0.1",
                "ORION_AGENT_PREFETCH_SECONDS": "3600",
                "ORION_CANCELLATION_GRACE_SECONDS": "0.5",
                **env,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.agents.append(agent)
        return agent

    def until_started(self, run: dict[str, Any]) -> int:
        """Wait until the run's process is known and in the flow's file; its pid."""
        up = ("GET", f"/up/{run['id']}")
        self.server.wait_for(
            lambda: run["infrastructure_pid"] and self.server.seen(*up)
        )
        return int(run["infrastructure_pid"].split(":")[1])

    def until(self, run: dict[str, Any], state: str) -> dict[str, Any]:
        self.server.wait_for(lambda: run["state"]["type"] == state)
        found: dict[str, Any] = run["state"]
        return found

    def go(self) -> None:
        (self.flows / "go").touch()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with world.server:
        yield world
        world.go()
        for agent in world.agents:
            agent.kill()
            agent.communicate()
        for run in world.server.runs.values():
            if run["infrastructure_pid"]:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(int(run["infrastructure_pid"].split(":")[1]), 9)


def test_a_due_run_is_claimed_started_and_told(world: World) -> None:
    run = world.server.add_run(name="brave-fox")
    agent = world.agent("--once")

    pid = world.until_started(run)
    world.server.wait_for(lambda: world.server.seen(*BEAT)[-1].body["runs"])
    beat = world.server.seen(*BEAT)[-1].body
    world.go()
    out, err = agent.communicate(timeout=90)

    assert agent.returncode == 0, err
    assert beat["runs"] == [{"flow_run_id": run["id"], "pid": pid}]
    assert (beat["name"], beat["work_queues"]) == ("a", ["default"])
    token = world.server.tokens[run["id"]]
    assert beat["claims"] == [{"flow_run_id": run["id"], "token": token}]
    assert run["states"][0]["message"] == "Claimed by agent a"
    assert world.server.names(run["id"]) == ["PENDING", "CRASHED"]
    assert "brave-fox | out of the flow" in out
    assert f"brave-fox | cwd {world.flows}" in out


def test_a_run_that_someone_else_has_is_not_started(world: World) -> None:
    run = world.server.add_run()
    world.server.claims_refused.add(run["id"])

    agent = world.agent("--once")
    _, err = agent.communicate(timeout=90)

    assert agent.returncode == 0
    assert "was not given to us: it is another's" in err
    assert run["infrastructure_pid"] is None


def test_a_run_of_the_future_waits_for_its_time(world: World) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1.5)).isoformat()
    run = world.server.add_run(next_scheduled_start_time=soon)
    world.agent()

    claimed = world.until(run, "PENDING")

    assert claimed["timestamp"] >= soon


def test_no_more_runs_than_the_limit(world: World) -> None:
    runs = [world.server.add_run() for _ in range(3)]
    world.agent("--limit", "1")

    world.until_started(runs[0])
    polls = world.server.seen("POST", "/work_queues/q/get_runs")
    world.server.cancel = [runs[0]["id"]]
    os.kill(int(runs[0]["infrastructure_pid"].split(":")[1]), signal.SIGKILL)
    world.until_started(runs[1])

    assert runs[2]["state"]["type"] == "SCHEDULED"
    assert len(polls) == 1


def test_a_killed_process_is_a_crash_that_names_the_signal(world: World) -> None:
    run = world.server.add_run()
    world.agent()
    pid = world.until_started(run)

    os.kill(pid, signal.SIGKILL)
    state = world.until(run, "CRASHED")

    assert "exit code -9 (SIGKILL): killed (out of memory?)" in state["message"]
    assert f"cwd {world.flows}" in state["message"]
    log = world.server.logs[-1]
    assert log["flow_run_id"] == run["id"]
    assert "out of the flow" in log["message"]


@pytest.mark.parametrize(
    ("more", "said"), [("", "stopped."), (IGNORE_SIGTERM, "killed after the grace")]
)
def test_a_cancelled_run_is_stopped_or_killed(
    more: str, said: str, world: World
) -> None:
    world.flow(more)
    run = world.server.add_run()
    world.agent(ORION_AGENT_HEARTBEAT_SECONDS="0.2")
    world.until_started(run)

    heartbeat = {"cancel": [run["id"]], "interval_seconds": 0.2}
    world.server.replies[BEAT] = [(200, heartbeat)]
    state = world.until(run, "CANCELLED")

    assert said in state["message"]


def test_a_stopped_agent_waits_for_its_runs_and_takes_no_new_ones(
    world: World,
) -> None:
    run = world.server.add_run()
    agent = world.agent()
    world.until_started(run)

    agent.send_signal(signal.SIGTERM)
    assert agent.stderr is not None
    while "waiting for 1 run" not in agent.stderr.readline():
        pass
    late = world.server.add_run()
    world.go()
    agent.communicate(timeout=90)

    assert agent.returncode == 0
    assert run["state"]["type"] == "CRASHED"
    assert "SystemExit: told to go" in run["state"]["message"]
    assert late["state"]["type"] == "SCHEDULED"
    assert world.server.seen(*BEAT)[-1].body["runs"] == []


@pytest.mark.parametrize("drain", ["0.2", "3600"])
def test_runs_that_take_too_long_or_are_not_waited_for_are_ended(
    drain: str, world: World
) -> None:
    run = world.server.add_run()
    agent = world.agent(ORION_AGENT_DRAIN_SECONDS=drain)
    world.until_started(run)

    agent.send_signal(signal.SIGTERM)
    if drain == "3600":
        assert agent.stderr is not None
        while "waiting for 1 run" not in agent.stderr.readline():
            pass
        agent.send_signal(signal.SIGTERM)
    agent.communicate(timeout=90)

    assert agent.returncode == 0
    assert "(SIGTERM): was stopped from outside" in run["state"]["message"]


def test_a_killed_agent_leaves_its_runs_alive_and_the_next_one_adopts_them(
    world: World,
) -> None:
    run = world.server.add_run(name="brave-fox")
    first = world.agent()
    pid = world.until_started(run)
    first.kill()
    first.wait()

    world.server.asked.clear()
    second = world.agent()
    world.server.wait_for(lambda: world.server.seen(*BEAT))
    beat = world.server.seen(*BEAT)[0].body
    os.kill(pid, signal.SIGKILL)
    second.send_signal(signal.SIGTERM)
    _, err = second.communicate(timeout=90)

    assert beat["runs"] == [{"flow_run_id": run["id"], "pid": pid}]
    assert f"run brave-fox adopted, process {pid}" in err
    assert started_at(pid) is None


def test_a_run_whose_agent_was_killed_ends_by_its_own_report(world: World) -> None:
    (world.flows / "report.py").write_text(REAL_FLOW)
    run = world.server.add_run(parameters={"n": 3})
    first = world.agent()
    world.until_started(run)
    first.kill()
    first.wait()

    world.go()
    world.until(run, "COMPLETED")

    assert world.server.names(run["id"]) == ["PENDING", "RUNNING", "COMPLETED"]
    world.server.wait_for(
        lambda: "n is 3" in [record["message"] for record in world.server.logs]
    )


def test_a_running_run_whose_process_vanished_with_its_agent_is_a_crash(
    world: World,
) -> None:
    run = world.server.add_run()
    first = world.agent()
    pid = world.until_started(run)
    run["state"] = {"type": "RUNNING", "name": "Running"}
    first.kill()
    os.kill(pid, signal.SIGKILL)
    first.wait()

    world.agent()
    state = world.until(run, "CRASHED")

    assert "vanished while no agent was watching" in state["message"]


def test_a_claim_of_a_dead_agent_that_started_nothing_is_handed_back(
    world: World,
) -> None:
    mine, others = world.server.add_run("PENDING"), world.server.add_run("PENDING")
    mine["state"]["message"] = "Claimed by agent a"
    others["state"]["message"] = "Claimed by agent b"
    ledger = Ledger(world.home / "agents", "a")
    for run in (mine, others, {"id": str(uuid.uuid4()), "name": "deleted"}):
        ledger.claim(run["id"], run["name"], tries=1)
    ledger.close()

    world.agent()
    world.until_started(mine)

    assert world.server.names(mine["id"])[:2] == ["SCHEDULED", "PENDING"]
    assert world.server.names(others["id"]) == []


def test_a_run_whose_engine_found_no_api_is_launched_again_three_times(
    world: World,
) -> None:
    run = world.server.add_run()
    world.server.deployment["job_variables"] = {"env": {"ORION_API_RETRIES": "1"}}
    gone = [(200, run)], [(503, None)]
    reads = iter([*gone[1], *gone[0], *gone[1], *gone[0], *gone[1], *gone[0] * 99])
    world.server.replies["GET", f"/flow_runs/{run['id']}"] = lambda _: next(reads)

    _, err = world.agent("--once").communicate(timeout=90)

    assert "is launched again, try 2" in err
    assert "is launched again, try 3" in err
    assert "exit code 69: could not reach the API" in run["state"]["message"]


def test_an_agent_outlives_an_api_that_is_away(world: World) -> None:
    run = world.server.add_run()
    queue = ("GET", "/work_queues/name/default")
    answer = {"id": "q", "name": "default", "priority": 1}
    world.server.replies[queue] = [(503, None), (503, None), (200, answer)]

    agent = world.agent()
    world.until_started(run)
    world.go()
    agent.send_signal(signal.SIGTERM)
    _, err = agent.communicate(timeout=90)

    assert err.count("cannot get runs, trying again") == 1
    assert err.count("the API answers again") == 1


def test_a_refused_key_ends_the_agent(world: World) -> None:
    world.server.replies["GET", "/work_queues/name/default"] = [(401, None)]

    agent = world.agent()
    agent.communicate(timeout=90)

    assert agent.returncode == 77


def test_two_agents_of_one_name_do_not_run_at_once(world: World) -> None:
    world.agent()
    world.server.wait_for(lambda: world.server.seen(*BEAT))

    second = world.agent()
    _, err = second.communicate(timeout=90)

    assert second.returncode == 1
    assert "choose another with --name" in err
