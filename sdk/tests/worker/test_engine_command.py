"""`python -m orion.engine`, as an agent starts it, up to the flow itself."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sdk.tests.client.fake import FakeServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    folder = tmp_path / "flows"
    folder.mkdir()
    with FakeServer(folder=str(folder), entrypoint="report.py:report") as server:
        yield server


def engine(
    *arguments: str, url: str, stdin: bytes | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "orion.engine", *arguments],
        env={**os.environ, "ORION_API_URL": url, "ORION_API_RETRIES": "1", **env},
        input=None if stdin is None else stdin.decode(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_a_run_it_says_what_it_wants(server: FakeServer) -> None:
    done = engine("nonsense", url=server.url)

    assert done.returncode == 2
    assert "Wanted the id of a flow run, found 'nonsense'" in done.stderr
    assert server.asked == []


def test_a_run_that_nobody_knows_cannot_be_loaded(server: FakeServer) -> None:
    assert engine(str(uuid.uuid4()), url=server.url).returncode == 2


def test_an_api_that_is_not_there_is_69() -> None:
    done = engine(str(uuid.uuid4()), url="http://127.0.0.1:1/api")

    assert done.returncode == 69


def test_a_run_that_has_ended_is_left_alone(server: FakeServer) -> None:
    run = server.add_run("CANCELLED")

    done = engine(url=server.url, ORION_FLOW_RUN_ID=run["id"])

    assert done.returncode == 76
    assert server.names(run["id"]) == []


def test_a_process_whose_agent_died_before_the_start_does_nothing(
    server: FakeServer,
) -> None:
    run = server.add_run("PENDING")

    done = engine(run["id"], url=server.url, stdin=b"", ORION_LAUNCH_GATE="1")

    assert done.returncode == 76
    assert server.asked == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise RuntimeError('broken on import')", "RuntimeError: broken on import"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import not_installed_here", "No module named 'not_installed_here'"),
        ("report = 3", "should be a function decorated with @flow; found int"),
        ("def (", "SyntaxError"),
    ],
)
def test_a_flow_that_cannot_be_loaded_crashes_its_run_with_the_reason(
    source: str, said: str, server: FakeServer
) -> None:
    run = server.add_run("PENDING")
    Path(str(server.deployment["path"]), "report.py").write_text(source)

    done = engine(run["id"], url=server.url, stdin=b"\n", ORION_LAUNCH_GATE="1")

    assert done.returncode == 2
    assert server.names(run["id"]) == ["CRASHED"]
    message = server.runs[run["id"]]["state"]["message"]
    assert message.startswith("The flow could not be loaded: ")
    assert said in message
    assert "Traceback" in server.logs[-1]["message"]
    assert server.logs[-1]["flow_run_id"] == run["id"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entrypoint": None}, "has no entrypoint"),
        ({"path": "/not/on/this/machine"}, "is not on this machine"),
        ({"entrypoint": "../other.py:f"}, "is outside of its folder"),
    ],
)
def test_a_deployment_that_cannot_be_run_crashes_its_run_with_the_reason(
    changes: dict[str, str], said: str, server: FakeServer
) -> None:
    run = server.add_run("PENDING")
    server.deployment.update(changes)

    done = engine(run["id"], url=server.url)

    assert done.returncode == 2
    assert said in server.runs[run["id"]]["state"]["message"]


def test_it_tells_at_once_that_it_lives(server: FakeServer) -> None:
    run = server.add_run("PENDING")
    path = f"/x/v1/flow_runs/{run['id']}/heartbeat"
    server.replies["POST", path] = [(204, None)]
    source = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\n"
    folder = Path(str(server.deployment["path"]))
    (folder / "report.py").write_text(source)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "orion.engine", run["id"]],
        env={**os.environ, "ORION_API_URL": server.url},
    )

    server.wait_for(lambda: server.seen("POST", path))
    (folder / "go").touch()
    process.wait(30)

    assert server.seen("POST", path)[0].body["pid"] == process.pid
