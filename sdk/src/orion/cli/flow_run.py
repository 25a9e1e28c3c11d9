"""`orion flow-run`: look at runs, ask why, read logs, cancel."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from orion.cli import given
from orion.cli.output import (
    as_text,
    json_option,
    local_time,
    show_fields,
    show_json,
    show_rows,
)
from orion.client import deployments, flow_runs, logs
from orion.exceptions import HTTPStatusError

if TYPE_CHECKING:
    from orion.client.transport import Transport

COLUMNS = {
    "Name": "name",
    "Flow": "flow_name",
    "State": "state_name",
    "When": "when",
    "Id": "id",
}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOOK_SECONDS, LOOK_BACK = 2.0, timedelta(seconds=10)


@click.group("flow-run")
def flow_run() -> None:
    """Look at runs and cancel them."""


@flow_run.command("ls")
@click.option("--limit", type=click.IntRange(1, 200), default=15, show_default=True)
@click.option("--state", "states", multiple=True, help="A state's name; repeatable.")
@json_option
def list_runs(limit: int, states: tuple[str, ...], as_json: bool) -> None:
    """Newest runs first."""
    api = given.transport()
    wanted = {"state": {"name": {"any_": list(states)}}} if states else {}
    found = flow_runs.find(api, flow_runs=wanted, limit=limit)
    if as_json:
        show_json(found)
        return
    names = deployments.flow_names(api, sorted({run["flow_id"] for run in found}))
    rows = [
        {
            **run,
            "flow_name": names.get(run["flow_id"]),
            "when": local_time(run.get("start_time") or run["expected_start_time"]),
        }
        for run in found
    ]
    show_rows(rows, COLUMNS)


@flow_run.command()
@click.argument("run")
@json_option
def inspect(run: str, as_json: bool) -> None:
    """Everything the server knows about RUN (an id, its start, or a name)."""
    found = given.flow_run(given.transport(), run)
    show_json(found) if as_json else show_fields(found)


@flow_run.command()
@click.argument("run")
@json_option
def why(run: str, as_json: bool) -> None:
    """Why RUN is in the state it is in.

    What it waits for now, then the server's decisions, newest first.
    """
    api = given.transport()
    found = given.flow_run(api, run)
    try:
        answer = api.request("GET", f"/x/v1/flow_runs/{found['id']}/why").json()
    except HTTPStatusError as error:
        if error.status not in (404, 405):
            raise
        raise click.ClickException(
            "This server does not explain its decisions; "
            f"the state's message: {as_text(found['state'].get('message'))}"
        ) from error
    if as_json:
        show_json(answer)
        return
    state = found["state"] or {}
    message = f": {as_text(state['message'])}" if state.get("message") else ""
    click.echo(f"{local_time(state.get('timestamp'))}  {state.get('name')}{message}")
    waiting = answer.get("waiting")
    if waiting:
        since = local_time(waiting["since"])
        click.echo(f"{since}  It waits: {as_text(waiting['sentence'])}.")
    for decision in answer["decisions"]:
        click.echo(f"{local_time(decision['created'])}  {decision['sentence']}")


@flow_run.command("logs")
@click.argument("run")
@click.option("--level", type=click.Choice(LEVELS, case_sensitive=False))
@click.option("--follow", "-f", is_flag=True, help="Go on until the run ends.")
@json_option
def show_logs(run: str, level: str | None, follow: bool, as_json: bool) -> int:
    """The log of RUN, oldest line first.

    With --follow: 0 if the run completed, 1 if it ended otherwise.
    """
    api = given.transport()
    found = given.flow_run(api, run)
    lowest = getattr(logging, level.upper()) if level else 0
    if not follow:
        records = list(logs.read_all(api, found["id"], level=lowest))
        if as_json:
            show_json(records)
        for record in [] if as_json else records:
            click.echo(_line(record))
        return 0
    for record in _follow(api, found["id"], lowest):
        click.echo(as_text(record) if as_json else _line(record))
    return 0 if flow_runs.read(api, found["id"])["state"]["type"] == "COMPLETED" else 1


@flow_run.command()
@click.argument("run")
@json_option
def cancel(run: str, as_json: bool) -> None:
    """Ask that RUN be stopped."""
    api = given.transport()
    found = given.flow_run(api, run)
    verdict = flow_runs.cancel(api, found["id"])
    if as_json:
        show_json({"status": verdict.status, "state": verdict.state})
    if not verdict.is_accepted:
        raise click.ClickException(f"{found['name']} goes on: {verdict.reason}")
    click.echo(f"{found['name']} is {verdict.state.get('name')}", err=as_json)


def _follow(api: Transport, flow_run_id: str, level: int) -> Iterator[dict[str, Any]]:
    """Each record once, until the run is final and its last lines have come."""
    seen: set[str] = set()
    newest: datetime | None = None
    while True:
        state = flow_runs.read(api, flow_run_id)["state"]["type"]
        # Records may come in late: look back a little, tell each only once.
        after = (newest - LOOK_BACK).isoformat() if newest else None
        for record in logs.read_all(api, flow_run_id, level=level, after=after):
            if record["id"] not in seen:
                seen.add(record["id"])
                newest = datetime.fromisoformat(record["timestamp"])
                yield record
        if state in flow_runs.FINAL:
            return
        time.sleep(LOOK_SECONDS)


def _line(record: dict[str, Any]) -> str:
    level = logging.getLevelName(record["level"])
    return f"{local_time(record['timestamp'])} {level:8} {record['message']}"
