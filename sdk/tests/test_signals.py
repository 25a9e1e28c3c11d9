"""Flows that are asked to end by a signal, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

# A job that a shell put in the background ignores SIGINT; this one shall not.
FLOW = """
import asyncio, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from orion import flow, task
from orion.testing import harness

def ready():
    print("ready", flush=True)

@task
def stuck():
    ready()
    while True:
        time.sleep(0.01)

@flow
def sync_flow():
    ready()
    time.sleep(30)

@flow
def with_worker():
    stuck.submit().result()

@flow
async def async_flow():
    ready()
    await asyncio.sleep(30)

with harness() as server:
    try:
        run = {"sync": sync_flow, "worker": with_worker, "async": async_flow}
        found = run[sys.argv[1]]()
        if sys.argv[1] == "async":
            asyncio.run(found)
    except BaseException as error:
        print(type(error).__name__, flush=True)
    state = server.last_run["state"]
    print(state["type"], "|", state["message"], flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("kind", ["sync", "worker", "async"])
@pytest.mark.parametrize(
    ("number", "type", "message"),
    [
        (signal.SIGTERM, "CRASHED", "terminated by SIGTERM"),
        (signal.SIGINT, "CANCELLED", ""),
    ],
    ids=["SIGTERM", "SIGINT"],
)
def test_a_signal_ends_the_flow_in_order(
    kind: str, number: int, type: str, message: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FLOW, kind],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            child.send_signal(number)
            error, state = child.communicate(timeout=60)[0].splitlines()
        finally:
            child.kill()

    told_type, _, told = state.partition(" | ")
    assert told_type == type
    assert message in told
    assert error in ("TerminationSignal", "KeyboardInterrupt", "CancelledError")
