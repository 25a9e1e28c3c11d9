"""Runs as containers of a real engine: podman, behind Docker's own API."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sdk.tests.client.fake import FakeServer

from orion.worker.infrastructure.docker import description, engine
from orion.worker.infrastructure.job import InfrastructureError, Job
from orion.worker.infrastructure.wire import ApiUnavailable

IMAGE = "localhost/orion-empty:1"
BEAT = ("POST", "/x/v1/agents/heartbeat")
FLOW = """
from orion import flow

@flow
def f():
    print("in the container", flush=True)
"""
WAITS = """
import os, time, urllib.request
url = os.environ["ORION_API_URL"] + "/up/" + os.environ["ORION_FLOW_RUN_ID"]
urllib.request.urlopen(url).close()
time.sleep(600)
"""
LIMITS = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'


class Podman:
    """An engine of its own, in a folder of its own, with one empty image."""

    def __init__(self, folder: Path) -> None:
        self.host = f"unix://{folder}/engine.sock"
        (folder / "containers.conf").write_text(LIMITS)
        self.env = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf")}
        self.command = [
            "podman",
            *("--root", str(folder / "root"), "--runroot", str(folder / "run")),
            *("--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"),
            *("--events-backend", "file"),
        ]
        if shutil.which("runc"):
            self.command += ["--runtime", "runc"]
        self.service: subprocess.Popen[bytes] | None = None
        self.folder = folder

    def __call__(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = [*self.command, *words]
        return subprocess.run(command, env=self.env, capture_output=True, check=False)

    def problem(self) -> str | None:
        """Why this machine cannot run containers; None if one has run."""
        if shutil.which("podman") is None:
            return "podman is not installed"
        empty = self.folder / "empty.tar"
        subprocess.run(["tar", "cf", str(empty), "-T", "/dev/null"], check=True)
        made = self("import", str(empty), IMAGE)
        if made.returncode:
            return made.stderr.decode()[-300:]
        words = [f"--volume={path}:{path}:ro" for path in system_folders()]
        ran = self("run", "--rm", "--network=host", *words, IMAGE, sys.executable, "-V")
        return ran.stderr.decode()[-300:] if ran.returncode else None

    def serve(self) -> None:
        path = self.host.removeprefix("unix://")
        words = ["system", "service", "--time", "0", self.host]
        self.service = subprocess.Popen([*self.command, *words], env=self.env)
        api = engine(self.host)
        deadline = time.monotonic() + 60
        while True:
            try:
                api.call("GET", "/v1.41/version", timeout=5)
                return
            except ApiUnavailable:
                assert time.monotonic() < deadline, path
                time.sleep(0.05)

    def close(self) -> None:
        self("rm", "--all", "--force", "--time", "0")
        if self.service is not None:
            self.service.send_signal(signal.SIGTERM)
            self.service.wait(30)


def system_folders() -> list[str]:
    """What a container without an image needs to run this very Python."""
    usual = ["/usr", "/bin", "/lib", "/lib64"]
    pythons = [sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[3])]
    found = [path for path in [*usual, *pythons] if Path(path).exists()]
    return [p for p in dict.fromkeys(found) if p == "/usr" or not p.startswith("/usr/")]


@pytest.fixture(scope="module")
def podman() -> Iterator[Podman]:
    # A socket's path may not be long.
    with tempfile.TemporaryDirectory(prefix="orion-", ignore_cleanup_errors=True) as f:
        podman = Podman(Path(f))
        if problem := podman.problem():
            pytest.skip(f"no containers on this machine: {problem}")
        try:
            podman.serve()
            yield podman
        finally:
            podman.close()


class World:
    """An API with a pool of type docker, an engine, and one agent."""

    def __init__(self, folder: Path, podman: Podman) -> None:
        self.folder, self.podman = folder, podman
        (folder / "report.py").write_text(FLOW)
        self.server = FakeServer(folder=str(folder), entrypoint="report.py:f")
        mounts = [f"{path}:{path}:ro" for path in system_folders()]
        self.variables: dict[str, Any] = {
            "image": IMAGE,
            "network_mode": "host",
            "volumes": [*mounts, f"{folder}:{folder}"],
            "command": [sys.executable, "-P", "-m", "orion.engine"],
            "env": {"HOME": str(folder), "TMPDIR": str(folder)},
        }
        pool = {"id": "p", "name": "d", "type": "docker", "base_job_template": {}}
        answers = self.server.replies
        answers["GET", "/work_pools/d"] = [(200, pool)]
        answers["POST", "/work_pools/d/queues/filter"] = [(200, [])]
        answers["POST", "/work_pools/d/workers/heartbeat"] = [(204, None)]
        answers["POST", "/work_pools/d/get_scheduled_flow_runs"] = lambda asked: (
            200,
            [
                {"work_queue_id": "q", "work_pool_id": "p", "flow_run": run}
                for run in self.server.runs.values()
                if run["state"]["type"] == "SCHEDULED"
            ],
        )
        self.agent: subprocess.Popen[str] | None = None

    def run(self, **variables: Any) -> dict[str, Any]:
        self.server.deployment["job_variables"] = {**self.variables, **variables}
        return self.server.add_run(name="Brave Fox!")

    def start(self, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", "orion.cli", "agent", "start"]
        self.agent = subprocess.Popen(
            [*command, "--pool", "d", "--name", "a", *options],
            env={
                **os.environ,
                "ORION_HOME": str(self.folder / "home"),
                "ORION_API_URL": self.server.url,
                "ORION_AGENT_HEARTBEAT_SECONDS": "0.3",
                "ORION_CANCELLATION_GRACE_SECONDS": "1",
                "DOCKER_HOST": self.podman.host,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.agent

    def containers(self) -> list[dict[str, Any]]:
        path = "/v1.41/containers/json"
        found = engine(self.podman.host).call("GET", path, query={"all": "true"})
        return list(found)


@pytest.fixture
def world(tmp_path: Path, podman: Podman) -> Iterator[World]:
    world = World(tmp_path, podman)
    with world.server:
        yield world
        if world.agent is not None:
            world.agent.kill()
            world.agent.communicate()


def test_a_run_is_a_container_that_is_watched_and_removed(world: World) -> None:
    run = world.run()

    out, err = world.start("--once").communicate(timeout=120)

    assert run["state"]["type"] == "COMPLETED", (out, err)
    assert "Brave Fox! | in the container" in out
    assert run["infrastructure_pid"].startswith(f"brave-fox-{run['id'][:8]}-")
    assert world.containers() == []


def test_a_container_that_fails_early_tells_its_code_and_last_lines(
    world: World,
) -> None:
    script = "import sys; print('no such luck', file=sys.stderr); sys.exit(3)"
    run = world.run(command=[sys.executable, "-c", script])

    world.start("--once").communicate(timeout=120)

    assert run["state"]["type"] == "CRASHED"
    assert "exit code 3" in run["state"]["message"]
    assert "no such luck" in run["state"]["message"]
    assert "no such luck" in world.server.logs[-1]["message"]


def test_an_image_that_is_not_there_is_a_crash_with_the_engines_words(
    world: World,
) -> None:
    run = world.run(image="localhost/nothing:1", image_pull_policy="Never")

    world.start("--once").communicate(timeout=120)

    assert run["state"]["type"] == "CRASHED"
    assert "localhost/nothing:1" in run["state"]["message"]


def test_the_next_agent_finds_the_container_and_cancels_it(world: World) -> None:
    run = world.run(command=[sys.executable, "-c", WAITS])
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
    assert world.containers() == []


def job(**variables: Any) -> Job:
    return Job(
        flow_run_id="0" * 36,
        name="x",
        folder=Path(),
        env={"ORION_API_URL": "http://127.0.0.1:4200/api"},
        variables={"image": "i", **variables},
    )


def test_a_container_finds_its_hosts_api_through_the_gateway() -> None:
    apart, together = description(job()), description(job(network_mode="host"))

    assert apart["Env"] == ["ORION_API_URL=http://host.docker.internal:4200/api"]
    assert apart["HostConfig"]["ExtraHosts"] == ["host.docker.internal:host-gateway"]
    assert together["Env"] == ["ORION_API_URL=http://127.0.0.1:4200/api"]


def test_limits_are_told_in_the_engines_units() -> None:
    given = description(job(mem_limit="512m", memswap_limit="1G", cpus=1.5))

    limits = {"Memory": 512 * 2**20, "MemorySwap": 2**30, "NanoCpus": 1_500_000_000}
    assert {k: given["HostConfig"][k] for k in limits} == limits


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"image": None}, "names no image"),
        ({"mem_limit": "lots"}, "should look like 512m or 2g; found 'lots'"),
    ],
)
def test_a_job_that_cannot_be_is_refused(variables: dict[str, Any], said: str) -> None:
    with pytest.raises(InfrastructureError, match=said):
        description(job(**variables))
