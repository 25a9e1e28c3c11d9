"""`orion flow`: list flows, serve one from here."""

from __future__ import annotations

from pathlib import Path

import click

from orion.cli import given
from orion.cli.deploy import seconds
from orion.cli.output import json_option, local_time, show_json, show_rows

COLUMNS = {"Name": "name", "Created": "when", "Id": "id"}


@click.group()
def flow() -> None:
    """List flows and serve them."""


@flow.command("ls")
@click.option("--limit", type=click.IntRange(1, 200), default=200, show_default=True)
@json_option
def list_flows(limit: int, as_json: bool) -> None:
    """Flows by name."""
    body = {"limit": limit, "sort": "NAME_ASC"}
    found = given.transport().request("POST", "/flows/filter", json=body).json()
    if as_json:
        show_json(found)
    else:
        rows = [{**each, "when": local_time(each["created"])} for each in found]
        show_rows(rows, COLUMNS)


@flow.command()
@click.argument("entrypoint")
@click.option("-n", "--name", help="The deployment's name; the flow's by default.")
@click.option("--cron", help="A schedule, such as '0 9 * * 1-5'.")
@click.option("--interval", help="A schedule: 30, 30s, 10m, 2h or 1d.")
@click.option("--timezone", default="UTC", show_default=True, help="Of the schedules.")
@click.option("-p", "--param", "pairs", multiple=True, help="A parameter, name=value.")
@click.option("--limit", type=click.IntRange(1), help="At most so many runs at once.")
def serve(
    *,
    entrypoint: str,
    name: str | None,
    cron: str | None,
    interval: str | None,
    timezone: str,
    pairs: tuple[str, ...],
    limit: int | None,
) -> int:
    """Run the flow of ENTRYPOINT here whenever it is due, until stopped."""
    from orion.deployments import serve as serve_here
    from orion.deployments import to_deployment
    from orion.worker.loading import load_flow

    found = load_flow(entrypoint, Path.cwd())
    served = to_deployment(
        found,
        name or found.name,
        cron=cron,
        interval=None if interval is None else seconds(interval),
        timezone=timezone,
        parameters=given.parameters(pairs),
    )
    api = given.transport()
    click.echo(f"Serving {found.name}/{served.name}; Ctrl-C ends it", err=True)
    return serve_here(served, limit=limit, transport=api)
