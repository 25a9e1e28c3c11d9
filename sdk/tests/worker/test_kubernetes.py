"""Runs as Jobs of a cluster whose every request and answer is checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sdk.tests.client.fake import FakeServer
from sdk.tests.worker.cluster import FakeCluster, check

from orion.worker.infrastructure.job import InfrastructureError, Job
from orion.worker.infrastructure.manifest import described

FLOW = """
from orion import flow

@flow
def f():
    print("in the pod", flush=True)
"""
WAITS = """
import os, time, urllib.request
url = os.environ["ORION_API_URL"] + "/up/" + os.environ["ORION_FLOW_RUN_ID"]
urllib.request.urlopen(url).close()
time.sleep(600)
"""
BEAT = ("POST", "/x/v1/agents/heartbeat")
PYTHON = [sys.executable, "-P", "-m", "orion.engine"]


class World:
    """An API with a pool of type kubernetes, a cluster, and one agent."""

    def __init__(self, folder: Path, cluster: FakeCluster) -> None:
        self.folder, self.cluster = folder, cluster
        (folder / "report.py").write_text(FLOW)
        (folder / "kubeconfig").write_text(json.dumps(cluster.kubeconfig()))
        self.server = FakeServer(folder=str(folder), entrypoint="report.py:f")
        self.variables: dict[str, Any] = {"image": "flows:1", "command": PYTHON}
        pool = {"id": "p", "name": "k", "type": "kubernetes", "base_job_template": {}}
        answers = self.server.replies
        answers["GET", "/work_pools/k"] = [(200, pool)]
        answers["POST", "/work_pools/k/queues/filter"] = [(200, [])]
        answers["POST", "/work_pools/k/get_scheduled_flow_runs"] = lambda asked: (
            200,
            [
                {"work_queue_id": "q", "work_pool_id": "p", "flow_run": run}
                for run in self.server.runs.values()
                if run["state"]["type"] == "SCHEDULED"
            ],
        )
        answers["POST", "/work_pools/k/workers/heartbeat"] = [(204, None)]
        self.agent: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", "orion.cli", "agent", "start"]
        self.agent = subprocess.Popen(
            [*command, "--pool", "k", "--name", "a", *options],
            env={
                **os.environ,
                "ORION_HOME": str(self.folder / "home"),
                "ORION_API_URL": self.server.url,
                "ORION_AGENT_HEARTBEAT_SECONDS": "0.3",
                "ORION_CANCELLATION_GRACE_SECONDS": "5",
                "KUBECONFIG": str(self.folder / "kubeconfig"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.agent

    def run(self) -> dict[str, Any]:
        self.server.deployment["job_variables"] = self.variables
        return self.server.add_run(name="Brave Fox!")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with FakeCluster() as cluster:
        world = World(tmp_path, cluster)
        with world.server:
            yield world
            if world.agent is not None:
                world.agent.kill()
                world.agent.communicate()
    assert cluster.problems == []


def test_a_run_is_a_job_that_is_watched_and_taken_away(world: World) -> None:
    world.variables |= {"cpu_request": "100m", "memory_limit": "1Gi", "env": {"A": 1}}
    run = world.run()

    out, err = world.start("--once").communicate(timeout=120)

    assert run["state"]["type"] == "COMPLETED", err
    assert "Brave Fox! | in the pod" in out
    (job,) = world.cluster.made
    container = job["spec"]["template"]["spec"]["containers"][0]
    asked = {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}}
    assert container["resources"] == asked
    assert {"name": "A", "value": "1"} in container["env"]
    assert job["spec"]["backoffLimit"] == 0
    name = job["metadata"]["name"]
    assert name.startswith(f"brave-fox-{run['id'][:8]}-")
    assert run["infrastructure_pid"] == f"flows:{name}"
    assert world.cluster.deleted[-1][0] == f"jobs/{name}"


def test_a_job_that_fails_early_tells_its_code_and_last_lines(world: World) -> None:
    script = "import sys; print('no such luck'); sys.exit(3)"
    world.variables["command"] = [sys.executable, "-c", script]
    run = world.run()

    world.start("--once").communicate(timeout=120)

    assert run["state"]["type"] == "CRASHED"
    assert "exit code 3" in run["state"]["message"]
    assert "no such luck" in run["state"]["message"]
    assert "no such luck" in world.server.logs[-1]["message"]


def test_a_pod_that_cannot_start_says_why(world: World) -> None:
    world.variables["image"] = "flows:unknown"
    run = world.run()

    world.start("--once").communicate(timeout=120)

    assert run["state"]["type"] == "CRASHED"
    assert "ErrImageNeverPull: no such image" in run["state"]["message"]


def test_a_cancelled_job_loses_its_pod(world: World) -> None:
    world.variables["command"] = [sys.executable, "-c", WAITS]
    run = world.run()
    world.start("--once")
    world.server.wait_for(lambda: world.server.seen("GET", f"/up/{run['id']}"))

    answer = {"cancel": [run["id"]], "interval_seconds": 0.3}
    world.server.replies[BEAT] = [(200, answer)]
    world.server.wait_for(lambda: run["state"]["type"] == "CANCELLED")

    kind, options = world.cluster.deleted[0]
    assert kind.startswith("pods/")
    assert options["gracePeriodSeconds"] == 5


def test_the_next_agent_finds_the_job_again(world: World) -> None:
    world.variables["command"] = [sys.executable, "-c", WAITS]
    run = world.run()
    first = world.start()
    world.server.wait_for(lambda: world.server.seen("GET", f"/up/{run['id']}"))
    first.kill()
    first.communicate()

    second = world.start()
    answer = {"cancel": [run["id"]], "interval_seconds": 0.3}
    world.server.replies[BEAT] = [(200, answer)]
    world.server.wait_for(lambda: run["state"]["type"] == "CANCELLED")
    second.terminate()
    _, err = second.communicate(timeout=60)

    assert f"run Brave Fox! adopted, {run['infrastructure_pid']}" in err
    assert len(world.cluster.made) == 1


def job(**variables: Any) -> Job:
    return Job(
        flow_run_id="0" * 36,
        name="x",
        folder=Path(),
        env={"ORION_API_URL": "http://api"},
        variables={"image": "i", **variables},
    )


def test_the_pools_own_manifest_is_kept() -> None:
    container = {"name": "mine", "env": [{"name": "B", "value": "2"}], "args": ["x"]}
    pod = {"containers": [container], "hostNetwork": True, "restartPolicy": "Always"}
    meta = {"generateName": "x-", "labels": {"team": "a"}}
    manifest = {"metadata": meta, "spec": {"template": {"spec": pod}}}
    given = {"job_manifest": manifest, "namespace": "n", "finished_job_ttl": 60}

    made = check("Job", described(job(**given), "default"))

    spec = made["spec"]["template"]["spec"]
    assert (spec["hostNetwork"], spec["restartPolicy"]) == (True, "Never")
    assert spec["containers"][0]["env"][0] == {"name": "B", "value": "2"}
    assert made["spec"]["ttlSecondsAfterFinished"] == 60
    assert made["metadata"]["namespace"] == "n"
    assert made["metadata"]["labels"]["team"] == "a"
    assert "generateName" in meta


def test_a_job_needs_an_image() -> None:
    with pytest.raises(InfrastructureError, match="names no image"):
        described(job(image=None), "default")
