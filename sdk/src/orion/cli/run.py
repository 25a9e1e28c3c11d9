"""`orion run`: a flow here and now."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path
from typing import Any

import click

from orion.cli import given
from orion.cli.output import json_option, show_json


@click.command()
@click.argument("entrypoint")
@click.option("-p", "--param", "pairs", multiple=True, help="A parameter, name=value.")
@json_option
def run(entrypoint: str, pairs: tuple[str, ...], as_json: bool) -> int:
    """Run the flow of ENTRYPOINT (path/file.py:flow or package.module:flow) here.

    Ends with 0 if the flow completed, else with 1.
    """
    from orion.worker.loading import load_flow

    flow = load_flow(entrypoint, Path.cwd())
    state: Any = flow.as_state(**given.parameters(pairs))
    if inspect.iscoroutine(state):
        state = asyncio.run(state)
    if as_json:
        show_json({"type": state.type, "name": state.name, "message": state.message})
    else:
        click.echo(f"{state.name}: {state.message}" if state.message else state.name)
    return 0 if state.is_completed() else 1
