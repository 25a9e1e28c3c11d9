"""A real server, ten causes of lateness: API, page and command name the object."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from tests.support.server import Server

THREE = {"User-Agent": "prefect/3.8.8 (API 0.8.4)"}
# the command, many times in one process
WHY = """
import sys
from orion.cli import main
for run in sys.argv[1:]:
    main(["flow-run", "why", run])
    print(end="\\0", flush=True)
"""


class Planter:
    """Makes pools, deployments and late runs over the API."""

    def __init__(self, server: Server) -> None:
        base = f"{server.url}/api"
        self.api = httpx.Client(
            base_url=base, timeout=60, trust_env=False, headers=THREE
        )
        self.flow = self.post("/flows/", {"name": "planted"})["id"]

    def post(self, path: str, body: Any = None) -> Any:
        """The parsed answer to a POST that must succeed."""
        answer = self.api.post(path, json=body or {})
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def patch(self, path: str, body: Any) -> None:
        """A PATCH that must succeed."""
        assert self.api.patch(path, json=body).is_success, path

    def pool(self, name: str, *, limit: int | None = None) -> str:
        """A pool."""
        body = {"name": name, "type": "process", "concurrency_limit": limit}
        self.post("/work_pools/", body)
        return name

    def queue(self, pool: str, name: str, **columns: Any) -> str:
        """A queue of a pool."""
        self.post(f"/work_pools/{pool}/queues", {"name": name, **columns})
        return name

    def poll(self, pool: str, *queues: str) -> list[Any]:
        """A worker asks."""
        address = f"/work_pools/{pool}/get_scheduled_flow_runs"
        found: list[Any] = self.post(address, {"work_queue_names": queues})
        return found

    def deployment(self, name: str, pool: str, **columns: Any) -> str:
        """A deployment in a pool."""
        body = {"name": name, "flow_id": self.flow, "work_pool_name": pool, **columns}
        return str(self.post("/deployments/", body)["id"])

    def late(self, deployment: str, name: str) -> str:
        """A run that should have started a minute ago."""
        due = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": due}}
        body = {"name": name, "state": state}
        address = f"/deployments/{deployment}/create_flow_run"
        return str(self.post(address, body)["id"])

    def running(self, deployment: str, name: str) -> str:
        """A run that holds its slots."""
        run = self.late(deployment, name)
        for state in ("PENDING", "RUNNING"):
            body = {"state": {"type": state}}
            assert self.post(f"/flow_runs/{run}/set_state", body)["status"] == "ACCEPT"
        return run


Cause = Callable[[Planter], tuple[str, str]]


def no_worker(p: Planter) -> tuple[str, str]:
    run = p.late(p.deployment("d1", p.pool("c1")), "run-1")
    return run, "no worker has asked pool c1 for work yet"


def heartbeats_without_polls(p: Planter) -> tuple[str, str]:
    run = p.late(p.deployment("d2", p.pool("c2")), "run-2")
    p.post("/work_pools/c2/workers/heartbeat", {"name": "w2"})
    return run, "worker w2 of pool c2 is alive and asks for no work"


def wrong_queue(p: Planter) -> tuple[str, str]:
    slow = p.queue(p.pool("c3"), "slow-3")
    run = p.late(p.deployment("d3", "c3", work_queue_name=slow), "run-3")
    p.poll("c3", "default")
    text = "nobody asks queue slow-3 of pool c3 for work, only queue default"
    return run, text


def pool_paused(p: Planter) -> tuple[str, str]:
    run = p.late(p.deployment("d4", p.pool("c4")), "run-4")
    p.patch("/work_pools/c4", {"is_paused": True})
    assert p.poll("c4") == []
    return run, "pool c4 is paused"


def queue_paused(p: Planter) -> tuple[str, str]:
    slow = p.queue(p.pool("c5"), "slow-5", is_paused=True)
    run = p.late(p.deployment("d5", "c5", work_queue_name=slow), "run-5")
    assert p.poll("c5") == []
    return run, "queue slow-5 of pool c5 is paused"


def pool_full(p: Planter) -> tuple[str, str]:
    deployment = p.deployment("d6", p.pool("c6", limit=1))
    p.running(deployment, "holder-6")
    run = p.late(deployment, "run-6")
    assert p.poll("c6") == []
    return run, "pool c6 is full (1 of 1), held by holder-6"


def queue_full(p: Planter) -> tuple[str, str]:
    slow = p.queue(p.pool("c7"), "slow-7", concurrency_limit=1)
    deployment = p.deployment("d7", "c7", work_queue_name=slow)
    p.running(deployment, "holder-7")
    run = p.late(deployment, "run-7")
    assert p.poll("c7") == []
    return run, "queue slow-7 of pool c7 is full (1 of 1), held by holder-7"


def deployment_full(p: Planter) -> tuple[str, str]:
    deployment = p.deployment("d8", p.pool("c8"), concurrency_limit=1)
    p.running(deployment, "holder-8")
    run = p.late(deployment, "run-8")
    assert p.poll("c8") == []
    return run, "deployment d8 is full (1 of 1), held by holder-8"


def agent_full(p: Planter) -> tuple[str, str]:
    deployment = p.deployment("d9", p.pool("c9"))
    holder = p.running(deployment, "holder-9")
    run = p.late(deployment, "run-9")
    beat = {"name": "a9", "host": "h", "pid": 1, "work_pool": "c9"}
    runs = [{"flow_run_id": holder, "pid": 2}]
    beat |= {"interval_seconds": 60, "limit": 1, "runs": runs}
    p.post("/x/v1/agents/heartbeat", beat)
    return run, "agent a9 is full (1 of 1), held by holder-9"


def held(p: Planter) -> tuple[str, str]:
    deployment = p.deployment("d10", p.pool("c10"))
    schedule = {"schedule": {"interval": 3600}, "active": True}
    p.post(f"/deployments/{deployment}/schedules", [schedule])
    now = datetime.now(UTC)
    span = {"start_time": str(now - timedelta(hours=2)), "end_time": str(now)}
    p.post(f"/deployments/{deployment}/schedule", {**span, "min_runs": 1})
    p.post(f"/deployments/{deployment}/pause_deployment")
    wanted = {"deployments": {"id": {"any_": [deployment]}}, "limit": 1}
    (run,) = p.post("/flow_runs/filter", wanted)
    assert p.poll("c10") == []
    return run["id"], "deployment d10 is paused"


CAUSES: list[Cause] = [
    no_worker,
    heartbeats_without_polls,
    wrong_queue,
    pool_paused,
    queue_paused,
    pool_full,
    queue_full,
    deployment_full,
    agent_full,
    held,
]


@pytest.fixture(scope="module")
def planted(server: Server) -> Iterator[dict[str, str]]:
    """Late runs, and the sentence about each."""
    planter = Planter(server)
    yield dict(cause(planter) for cause in CAUSES)
    planter.api.close()


def page(server: Server, run: str) -> str:
    """What the page of a run says."""
    answer = httpx.get(f"{server.url}/runs/{run}", timeout=60, trust_env=False)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_api_page_and_command_name_what_is_in_the_way(
    server: Server, planted: dict[str, str]
) -> None:
    command = [sys.executable, "-c", WHY, *planted]
    env = server.env | {"ORION_API_URL": f"{server.url}/api"}
    asked = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=120, check=True
    )
    said = dict(zip(planted, asked.stdout.split("\0"), strict=False))

    for run, sentence in planted.items():
        waiting = server.api.get(f"/x/v1/flow_runs/{run}/why").json()["waiting"]
        assert waiting["sentence"] == sentence
        assert waiting["object"]["name"] in sentence
        assert waiting["object"]["id"]
        assert f"It waits: {sentence}." in said[run]

    deadline = time.monotonic() + 60  # the late marker ticks each 5 seconds
    for run, sentence in planted.items():
        shown = f"{sentence[:1].upper()}{sentence[1:]}"
        while shown not in page(server, run):
            assert time.monotonic() < deadline, (shown, page(server, run))
            time.sleep(0.5)
    home = httpx.get(server.url, timeout=60, trust_env=False)
    shown = unescape(home.text)  # the first few of them
    assert any(sentence in shown for sentence in planted.values())
