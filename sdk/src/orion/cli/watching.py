"""Waiting for a run's end in front of a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from orion.client import flow_runs

if TYPE_CHECKING:
    from orion.client.transport import Transport

LOOK_SECONDS = 1.0


def watch(api: Transport, flow_run_id: str) -> dict[str, Any]:
    """Tell each state on stderr until the run is final; give the final run."""
    told = None
    while True:
        run = flow_runs.read(api, flow_run_id)
        state = run.get("state") or {}
        if state.get("id") != told:
            told = state.get("id")
            message = f": {state['message']}" if state.get("message") else ""
            click.echo(f"{state.get('name')}{message}", err=True)
        if state.get("type") in flow_runs.FINAL:
            return run
        time.sleep(LOOK_SECONDS)
