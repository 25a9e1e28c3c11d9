"""`orion deployment`: list deployments; run, pause, resume or remove one."""

from __future__ import annotations

from typing import Any

import click

from orion.cli import given
from orion.cli.deploy import moment
from orion.cli.output import json_option, show_fields, show_json, show_rows
from orion.cli.schedule import schedule
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
    """List, run and pause deployments."""


deployment.add_command(schedule)


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


@deployment.command()
@click.argument("name")
@json_option
def inspect(name: str, as_json: bool) -> None:
    """Everything the server knows about NAME (flow/deployment, or an id)."""
    found = given.deployment(given.transport(), name)
    show_json(found) if as_json else show_fields(found)


@deployment.command()
@click.argument("name")
def pause(name: str) -> None:
    """Make no runs of NAME by schedule, until it is resumed."""
    api = given.transport()
    found = given.deployment(api, name)
    deployments.pause(api, found["id"])
    click.echo(f"{found['name']} is paused")


@deployment.command()
@click.argument("name")
def resume(name: str) -> None:
    """Make runs of NAME by schedule again."""
    api = given.transport()
    found = given.deployment(api, name)
    deployments.resume(api, found["id"])
    click.echo(f"{found['name']} goes on")


@deployment.command()
@click.argument("name")
@click.confirmation_option("-y", "--yes", prompt="Remove the deployment?")
def delete(name: str) -> None:
    """Remove NAME and its scheduled runs; runs that began stay."""
    api = given.transport()
    found = given.deployment(api, name)
    deployments.delete(api, found["id"])
    click.echo(f"{found['name']} is gone")


@deployment.command("run")
@click.argument("name")
@click.option("-p", "--param", "pairs", multiple=True, help="A parameter, name=value.")
@click.option("--at", "due", help="Start at an ISO time, or a span from now: 10m.")
@click.option("--tag", "tags", multiple=True, help="A tag of the run; repeatable.")
@click.option("--job-variable", "variables", multiple=True, help="name=value.")
@click.option("--idempotency-key", "key", help="Start at most one run under this key.")
@click.option("--watch", "is_watched", is_flag=True, help="Wait for the run's end.")
@json_option
def run_deployment(
    *,
    name: str,
    pairs: tuple[str, ...],
    due: str | None,
    tags: tuple[str, ...],
    variables: tuple[str, ...],
    key: str | None,
    is_watched: bool,
    as_json: bool,
) -> int:
    """Start a run of NAME (flow/deployment, or an id), now if no time is given.

    With --watch: 0 if the run completed, 1 if it ended otherwise.
    """
    api = given.transport()
    found = given.deployment(api, name)
    others: dict[str, Any] = {"tags": list(tags)} if tags else {}
    if due is not None:
        details = {"scheduled_time": moment(due)}
        others["state"] = {"type": "SCHEDULED", "state_details": details}
    if variables:
        others["job_variables"] = given.parameters(variables)
    if key is not None:
        others["idempotency_key"] = key
    run = deployments.create_run(
        api, found["id"], parameters=given.parameters(pairs), **others
    )
    click.echo(f"Run {run['name']}, id {run['id']}", err=as_json)
    if is_watched:
        run = watch(api, run["id"])
    if as_json:
        show_json(run)
    is_good = not is_watched or run["state"]["type"] == "COMPLETED"
    return 0 if is_good else 1
