"""What importing costs: the modules it loads, and its CPU beside a peer's."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

CODE = """
from {package} import flow, task

@task
def add(a: int, b: int) -> int:
    return a + b

@flow(retries=1)
def sums(n: int) -> int:
    return add(n, 1)
"""
SHOW = "\nimport sys\nprint(*sorted(sys.modules))"
HEAVY = {
    "asyncio",
    "concurrent.futures",
    "dataclasses",
    "django",
    "httpx",
    "inspect",
    "logging",
    "pydantic",
    "tomllib",
    "typing",
}
PEER = "ORION_PREFECT3_PYTHON"
ROUNDS = 5


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code + SHOW], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_decorating_loads_next_to_nothing() -> None:
    added = modules_after(CODE.format(package="orion")) - modules_after("pass")

    ours = {name for name in added if name.split(".")[0] == "orion"}
    assert not added & HEAVY
    assert len(ours) <= 12
    assert len(added) <= 20


@pytest.mark.skipif(
    PEER not in os.environ, reason=f"{PEER} names no Python with Prefect 3 to compare"
)
def test_importing_takes_a_twentieth_of_the_peers_cpu() -> None:
    ours = cpu(sys.executable, CODE.format(package="orion"))
    theirs = cpu(os.environ[PEER], CODE.format(package="prefect"))

    assert ours <= theirs / 20, f"{ours:.3f} s against {theirs:.3f} s"


def cpu(python: str, code: str) -> float:
    """The least CPU seconds of a fresh interpreter that runs the code."""
    best = float("inf")
    for _ in range(ROUNDS):
        before = _children()
        subprocess.run([python, "-c", code], check=True, capture_output=True)
        best = min(best, _children() - before)
    return best


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def test_the_clock_of_children_counts() -> None:
    """The measurement above would be worthless if this stood still."""
    until = "import time; t = time.process_time()\nwhile time.process_time() < t + .1:0"
    before, start = _children(), time.monotonic()

    subprocess.run([sys.executable, "-c", until], check=True)

    assert 0.05 < _children() - before <= time.monotonic() - start + 0.1
