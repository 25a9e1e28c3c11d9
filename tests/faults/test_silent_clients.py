"""A client that says nothing for half an hour is suspect, and lives."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.peers import peer_environment, peer_python
from tests.support.server import Server
from tests.support.template import Template
from tests.support.waiting import until

FLOW = """
import pathlib, time
from prefect import flow

@flow
def sleeps():
    pathlib.Path("begun").touch()
    while not pathlib.Path("go").exists():
        time.sleep(0.05)

sleeps()
"""


class Clock:
    """The clock of the server's processes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.at = datetime.now(UTC)
        self.show()

    def move(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)
        self.show()

    def show(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(self.at.isoformat())
        new.replace(self.file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def timed_server(tmp_path: Path, template: Template, clock: Clock) -> Iterator[Server]:
    """A real server whose clock a test moves."""
    home = tmp_path / "home"
    home.mkdir()
    with template.copy() as url:
        running = Server(home, url)
        running.env |= {
            "DJANGO_SETTINGS_MODULE": "orion_site.settings.test",
            "ORION_TEST_CLOCK": str(clock.file),
        }
        running.start()
        yield running
        running.close()


def decisions(server: Server, run: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.api.get(f"/x/v1/flow_runs/{run}/why").json()[
        "decisions"
    ]
    return found


def state(server: Server, run: str) -> str:
    return str(server.api.get(f"/flow_runs/{run}").json()["state"]["type"])


def promised_run(server: Server) -> str:
    """A running run that promises signs of life, and gives one."""
    api = server.api
    flow = api.post("/flows/", json={"name": "promises"}).json()["id"]
    body = {"flow_id": flow, "state": {"type": "RUNNING"}}
    run = str(api.post("/flow_runs/", json=body).json()["id"])
    beat = {"pid": 1, "host": "h", "interval_seconds": 60}
    assert api.post(f"/x/v1/flow_runs/{run}/heartbeat", json=beat).status_code == 204
    return run


def test_a_silent_client_of_2_20_is_suspect_and_completes(
    timed_server: Server, clock: Clock, tmp_path: Path
):
    api = timed_server.api
    script = tmp_path / "sleeps.py"
    script.write_text(FLOW)
    client = subprocess.Popen(
        [peer_python(2), script],
        cwd=tmp_path,
        env=peer_environment(f"{timed_server.url}/api", tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert until((tmp_path / "begun").exists, 90)
        (found,) = api.post("/flow_runs/filter", json={}).json()
        run = str(found["id"])
        assert until(lambda: state(timed_server, run) == "RUNNING", 90)
        dead = promised_run(timed_server)

        for _ in range(30):
            clock.move(1)
        assert until(lambda: state(timed_server, dead) == "CRASHED", 90)
        clock.move(1)  # whoever watches for silence has seen the run by now
        assert until(lambda: decisions(timed_server, run), 90)
        told = decisions(timed_server, run)[0]["sentence"]

        assert told.startswith("The run is suspect: nothing was heard of it since")
        assert state(timed_server, run) == "RUNNING"
        (tmp_path / "go").touch()
        assert client.wait(60) == 0
        assert state(timed_server, run) == "COMPLETED"
    finally:
        client.kill()
        client.wait()
