"""`orion deployment`: list deployments, run one."""

from __future__ import annotations

import click

from orion.cli import given
from orion.cli.output import json_option, show_json, show_rows
from orion.cli.watching import watch
from orion.client import deployments

COLUMNS = {
    "Name": "full_name",
    "Entrypoint": "entrypoint",
    "Pool": "work_pool_name",
    "Queue": "work_queue_name",
    "Paused": "paused",
    "Id": "id",
}


@click.group()
def deployment() -> None:
    """List and run deployments."""


@deployment.command("ls")
@click.option("--limit", type=click.IntRange(1, 200), default=200, show_default=True)
@json_option
def list_deployments(limit: int, as_json: bool) -> None:
    """Deployments by name."""
    found = deployments.find(given.transport(), limit=limit)
    if as_json:
        show_json(found)
        return
    for each in found:
        each["full_name"] = f"{each['flow_name']}/{each['name']}"
    show_rows(found, COLUMNS)


@deployment.command("run")
@click.argument("name")
@click.option("-p", "--param", "pairs", multiple=True, help="A parameter, name=value.")
@click.option("--tag", "tags", multiple=True, help="A tag of the run; repeatable.")
@click.option("--watch", "is_watched", is_flag=True, help="Wait for the run's end.")
@json_option
def run_deployment(
    *,
    name: str,
    pairs: tuple[str, ...],
    tags: tuple[str, ...],
    is_watched: bool,
    as_json: bool,
) -> int:
    """Start a run of NAME (flow/deployment, or an id) now.

    With --watch: 0 if the run completed, 1 if it ended otherwise.
    """
    api = given.transport()
    found = given.deployment(api, name)
    run = deployments.create_run(
        api, found["id"], parameters=given.parameters(pairs), tags=tags
    )
    click.echo(f"Run {run['name']}, id {run['id']}", err=as_json)
    if is_watched:
        run = watch(api, run["id"])
    if as_json:
        show_json(run)
    is_good = not is_watched or run["state"]["type"] == "COMPLETED"
    return 0 if is_good else 1
