"""Stopping `up`, starting it again, and starting it where somebody else listens."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.postgres import free_port
from tests.support.up import Up


@pytest.fixture(scope="module")
def first_run(checkout: Path, empty_home: Path) -> Iterator[tuple[Up, str, int]]:
    """A first `up` that was ended by SIGTERM: it, its finished run, its status."""
    up = Up(checkout, empty_home, free_port())
    try:
        run = up.finished_run(within=240)
        yield up, run, up.end()
    finally:
        up.close()


@pytest.fixture(scope="module")
def again(
    first_run: tuple[Up, str, int], checkout: Path, empty_home: Path
) -> Iterator[Up]:
    """The second `up`, when it answers."""
    up = Up(checkout, empty_home, free_port())
    try:
        up.wait_healthy(within=60)
        yield up
    finally:
        up.close()


def test_sigterm_ends_it_cleanly(first_run: tuple[Up, str, int]):
    up, _, status = first_run

    assert status == 0, up.output
    assert up.left == []
    assert "Traceback" not in up.output


def test_the_second_up_installs_nothing_and_starts_in_seconds(again: Up):
    assert "Installing" not in again.output
    assert again.healthy_after < 15


def test_the_second_up_keeps_the_data(first_run: tuple[Up, str, int], again: Up):
    _, run, _ = first_run

    answer = httpx.get(f"{again.url}/api/flow_runs/{run}", trust_env=False, timeout=30)

    assert answer.status_code == 200
    assert answer.json()["state"]["type"] == "COMPLETED"


def test_a_busy_port_is_one_clear_line(again: Up, checkout: Path, tmp_path: Path):
    second = Up(checkout, tmp_path, again.port)
    try:
        status = second.process.wait(timeout=60)
        second.reader.join(timeout=10)
    finally:
        second.close()

    assert status != 0
    (line,) = [line for line in second.lines if str(again.port) in line]
    assert len(second.lines) == 1
    assert "--port" in line


def test_ctrl_c_ends_it_cleanly(
    first_run: tuple[Up, str, int], checkout: Path, tmp_path: Path
):
    up = Up(checkout, tmp_path, free_port())
    try:
        up.wait_healthy(within=60)
        started = time.monotonic()
        status = up.end(signal.SIGINT)
    finally:
        up.close()

    assert status == 0, up.output
    assert up.left == []
    assert time.monotonic() - started < 15
    assert "Traceback" not in up.output
