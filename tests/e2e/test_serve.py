"""A flow served from a script, and a deployment run as a subflow of another."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.server import Server, clean_environment

SCRIPT = """
import sys
from orion import flow, run_deployment, serve

@flow
def child(n: int = 1):
    return n + 1

@flow
def parent(suffix: str):
    name = f"child/inner-{suffix}"
    run = run_deployment(name, parameters={"n": 4}, poll_interval=0.2)
    assert run.state.is_completed(), run.state

if __name__ == "__main__":
    suffix = sys.argv[1]
    sys.exit(serve(
        child.to_deployment(f"inner-{suffix}", cron="0 3 * * *"),
        parent.to_deployment(f"outer-{suffix}", parameters={"suffix": suffix}),
    ))
"""


class Served:
    """The script in its own process, beside the server."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.api, self.folder = server.api, folder
        self.suffix = uuid4().hex
        (folder / "served.py").write_text(SCRIPT)
        env = clean_environment() | {
            "ORION_API_URL": f"{server.url}/api",
            "ORION_HOME": str(folder / "home"),
            "ORION_AGENT_POLL_INTERVAL": "0.5",
        }
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "served.py", self.suffix],
                cwd=folder,
                env=env,
                stderr=log,
            )

    def deployment(self, name: str) -> dict[str, Any]:
        """One of the script's deployments, once it is there."""
        path = f"/deployments/name/{name}-{self.suffix}"
        self.until(lambda: self.api.get(path).status_code == 200)
        found: dict[str, Any] = self.api.get(path).json()
        return found

    def until(self, is_so: Any, *, within: float = 60) -> None:
        """Return once it is so."""
        deadline = time.monotonic() + within
        while not is_so():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)


@pytest.fixture
def served(server: Server, tmp_path: Path) -> Iterator[Served]:
    running = Served(server, tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


def test_a_served_flow_runs_here_and_a_deployment_runs_as_a_subflow(served: Served):
    api, outer = served.api, served.deployment("parent/outer")
    run = api.post(f"/deployments/{outer['id']}/create_flow_run", json={}).json()

    def is_final() -> bool:
        state = api.get(f"/flow_runs/{run['id']}").json()["state"]
        return state["type"] in {"COMPLETED", "FAILED", "CRASHED"}

    served.until(is_final)
    assert api.get(f"/flow_runs/{run['id']}").json()["state"]["type"] == "COMPLETED"
    inside = {"flow_runs": {"id": {"any_": [run["id"]]}}}
    [placeholder] = api.post("/task_runs/filter", json=inside).json()
    inner = served.deployment("child/inner")
    wanted = {"deployments": {"id": {"any_": [inner["id"]]}}}
    runs = api.post("/flow_runs/filter", json=wanted).json()
    [child] = [each for each in runs if not each["auto_scheduled"]]
    assert child["parent_task_run_id"] == placeholder["id"]
    assert child["parameters"] == {"n": 4}
    assert placeholder["state"]["type"] == child["state"]["type"] == "COMPLETED"


def test_whoever_stops_serving_pauses_and_holds_nothing(served: Served):
    inner = served.deployment("child/inner")
    assert inner["paused"] is False
    assert inner["work_queue_name"] is None

    served.process.terminate()

    assert served.process.wait(timeout=30) == 0
    inner = served.api.get(f"/deployments/{inner['id']}").json()
    assert inner["paused"] is True
