"""Runs flows with an unmodified client and reads the outcome through our API."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.support.peers import peer_environment, peer_python

FLOWS = (
    "submitted",
    "task_retry",
    "flow_retry",
    "failing",
    "parent",
    "cached",
    "persisted",
)
FINAL = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}


class Client:
    """One process of a real client that runs some of the flows."""

    def __init__(
        self,
        generation: int,
        style: str,
        names: tuple[str, ...],
        *,
        url: str,
        home: Path,
    ) -> None:
        script = Path(__file__).with_name("flows.py")
        home.mkdir(parents=True)
        self.log = home / "client.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [peer_python(generation), script, style, *names],
                cwd=home,
                env=peer_environment(f"{url}/api", home) | {"PYTHONFAULTHANDLER": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ids(self, *, within: float = 280) -> dict[str, str]:
        """The ids of the flow runs by name of the flow, when all have ended."""
        try:
            output, _ = self.process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # where it stands goes to its log
            output, _ = self.process.communicate()
        finally:
            self.process.kill()
        assert self.process.returncode == 0, self.log.read_text()[-8000:]
        found: dict[str, str] = json.loads(output.splitlines()[-1])
        return found

    def close(self) -> None:
        """End the process if it still runs."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Outcome:
    """A flow run as our API tells it."""

    def __init__(self, api: httpx.Client, id: str) -> None:
        self.api = api
        self.id = id
        self.run = self.get(f"/flow_runs/{id}")

    def get(self, path: str) -> Any:
        """One read."""
        return self.api.get(path).raise_for_status().json()

    def post(self, path: str, body: Any) -> Any:
        """One query."""
        return self.api.post(path, json=body).raise_for_status().json()

    @property
    def history(self) -> list[str]:
        """The names of the run's states."""
        states = self.get(f"/flow_run_states/?flow_run_id={self.id}")
        return [state["name"] for state in states]

    @property
    def path(self) -> list[str]:
        """Its history, however late it was handed out."""
        return [name for name in self.history if name != "Late"]

    def span(self, *, since: str = "PENDING") -> tuple[datetime, datetime]:
        """When it was last in a type of state, and when it ended."""
        states = self.get(f"/flow_run_states/?flow_run_id={self.id}")
        times = {s["type"]: datetime.fromisoformat(s["timestamp"]) for s in states}
        return times[since], times[self.run["state_type"]]

    def task_runs(self, expected: int) -> list[dict[str, Any]]:
        """Its task runs by start, once that many have ended.

        3.x clients report task runs as events, which are recorded a moment later.
        """
        wanted = {"flow_runs": {"id": {"any_": [self.id]}}}
        body = {**wanted, "sort": "EXPECTED_START_TIME_ASC"}

        def ended() -> list[dict[str, Any]]:
            runs: list[dict[str, Any]] = self.post("/task_runs/filter", body)
            return runs if all(run["state_type"] in FINAL for run in runs) else []

        return eventually(lambda: ended(), lambda runs: len(runs) == expected)

    def task_states(self, task_run: dict[str, Any]) -> list[dict[str, Any]]:
        """The states of one of its task runs."""
        states: list[dict[str, Any]]
        states = self.get(f"/task_run_states/?task_run_id={task_run['id']}")
        return states

    def task_histories(self, expected: int) -> dict[str, list[str]]:
        """The names of the states of each task run, by its name, in order."""
        return {
            run["name"]: [state["name"] for state in self.task_states(run)]
            for run in self.task_runs(expected)
        }

    def logs(self) -> list[dict[str, Any]]:
        """What the run and its tasks logged."""
        wanted = {"logs": {"flow_run_id": {"any_": [self.id]}}}
        logs: list[dict[str, Any]]
        logs = self.post("/logs/filter", {**wanted, "sort": "TIMESTAMP_ASC"})
        return logs

    def times_said(self, message: str, *, at_least: int = 1) -> int:
        """How often it logged something; logs arrive a moment later than states."""

        def said() -> int:
            return [log["message"] for log in self.logs()].count(message)

        count: int = eventually(said, lambda found: found >= at_least, pause=0.5)
        return count


def eventually(
    read: Callable[[], Any],
    good: Callable[[Any], bool],
    *,
    within: float = 30,
    pause: float = 0.1,
) -> Any:
    """What is read, once it is good or time is over."""
    deadline = time.monotonic() + within
    while True:
        found = read()
        if good(found) or time.monotonic() > deadline:
            return found
        time.sleep(pause)


def most_at_once(spans: list[tuple[datetime, datetime]]) -> int:
    """How many of some spans of time overlap at most."""
    return max(sum(start <= begin < end for start, end in spans) for begin, _ in spans)
