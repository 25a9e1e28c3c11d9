"""The clock that tests move, in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import clock
from core.conf import Conf
from core.loops import Loop, Supervisor
from tests.support.server import ROOT

START = datetime(2026, 3, 8, 6, 59, tzinfo=UTC)


@pytest.fixture
def moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "clock"
    file.write_text(START.isoformat())
    monkeypatch.setattr(clock, "conf", Conf(test_clock=file))
    return file


def show(file: Path, at: datetime) -> None:
    """Replace the clock's file in one step."""
    new = file.with_suffix(".new")
    new.write_text(at.isoformat())
    new.replace(file)


def test_now_is_what_the_file_says(moved: Path):
    assert clock.now() == START
    show(moved, START + timedelta(days=1))
    assert clock.now() == START + timedelta(days=1)


def test_moving_the_clock_wakes_resting_loops(
    moved: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Loop, "kinds", {})
    monkeypatch.setattr(Supervisor, "heartbeat", None)
    ticks: list[datetime] = []
    ticked = threading.Semaphore(0)

    class Daily(Loop):
        name, interval = "daily", timedelta(days=1)

        def tick(self, now: datetime) -> bool:
            ticks.append(now)
            ticked.release()
            return False

    supervisor = Supervisor([Daily()])
    supervisor.start()
    try:
        assert ticked.acquire(timeout=10)
        show(moved, START + timedelta(hours=30))
        assert ticked.acquire(timeout=10)
    finally:
        supervisor.stop()
    assert ticks == [START, START + timedelta(hours=30)]


@pytest.mark.parametrize("kind", ["prod", "dev"])
def test_no_server_that_is_not_a_test_takes_such_a_clock(tmp_path: Path, kind: str):
    file = tmp_path / "clock"
    file.write_text(START.isoformat())
    env = os.environ | {
        "ORION_TEST_CLOCK": str(file),
        "ORION_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": f"orion_site.settings.{kind}",
    }
    command = [sys.executable, "manage.py", "check"]
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert run.returncode != 0
    assert "ORION_TEST_CLOCK stops the server's clock" in run.stderr
