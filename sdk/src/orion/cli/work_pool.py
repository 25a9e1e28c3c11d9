"""`orion work-pool`: list, make, pause, limit and remove pools."""

from __future__ import annotations

import click

from orion.cli import given
from orion.cli.output import json_option, show_fields, show_json, show_rows
from orion.client import work_pools

COLUMNS = {
    "Name": "name",
    "Type": "type",
    "Status": "status",
    "Limit": "concurrency_limit",
    "Paused": "is_paused",
}


@click.group("work-pool")
def work_pool() -> None:
    """Look at pools of workers and change them."""


@work_pool.command("ls")
@json_option
def list_pools(as_json: bool) -> None:
    """Pools by name."""
    found = work_pools.find(given.transport())
    show_json(found) if as_json else show_rows(found, COLUMNS)


@work_pool.command()
@click.argument("name")
@json_option
def inspect(name: str, as_json: bool) -> None:
    """Everything the server knows about the pool NAME."""
    found = work_pools.read(given.transport(), name)
    show_json(found) if as_json else show_fields(found)


@work_pool.command()
@click.argument("name")
@click.option("--type", "kind", default="process", show_default=True)
@click.option("--limit", type=click.IntRange(0), help="At most so many runs at once.")
@click.option("--paused", is_flag=True, help="Hand out nothing yet.")
@json_option
def create(
    *, name: str, kind: str, limit: int | None, paused: bool, as_json: bool
) -> None:
    """Make the pool NAME."""
    made = work_pools.create(
        given.transport(), name, type=kind, concurrency_limit=limit, is_paused=paused
    )
    show_json(made) if as_json else click.echo(f"Made {name}, id {made['id']}")


@work_pool.command()
@click.argument("name")
def pause(name: str) -> None:
    """Hand out no runs of the pool NAME."""
    work_pools.amend(given.transport(), name, is_paused=True)
    click.echo(f"{name} is paused")


@work_pool.command()
@click.argument("name")
def resume(name: str) -> None:
    """Hand out runs of the pool NAME again."""
    work_pools.amend(given.transport(), name, is_paused=False)
    click.echo(f"{name} goes on")


@work_pool.command("set-concurrency-limit")
@click.argument("name")
@click.argument("limit", type=click.IntRange(0))
def set_limit(name: str, limit: int) -> None:
    """At most LIMIT runs of the pool NAME at once."""
    work_pools.amend(given.transport(), name, concurrency_limit=limit)
    click.echo(f"{name} runs at most {limit} at once")


@work_pool.command("clear-concurrency-limit")
@click.argument("name")
def clear_limit(name: str) -> None:
    """Any number of runs of the pool NAME at once."""
    work_pools.amend(given.transport(), name, concurrency_limit=None)
    click.echo(f"{name} has no limit")


@work_pool.command()
@click.argument("name")
@click.confirmation_option("-y", "--yes", prompt="Remove the pool and its queues?")
def delete(name: str) -> None:
    """Remove the pool NAME and its queues."""
    work_pools.delete(given.transport(), name)
    click.echo(f"{name} is gone")
