"""`orion work-queue`: list, make, pause, limit and remove queues of a pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from orion.cli import given
from orion.cli.output import json_option, show_fields, show_json, show_rows
from orion.client import work_pools

COLUMNS = {
    "Name": "name",
    "Priority": "priority",
    "Status": "status",
    "Limit": "concurrency_limit",
    "Paused": "is_paused",
}


def pool_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The `--pool` option that every command here has."""
    return click.option(
        "--pool",
        default=work_pools.DEFAULT_POOL,
        show_default=True,
        help="The pool it belongs to.",
    )(function)


@click.group("work-queue")
def work_queue() -> None:
    """Look at queues of a pool and change them."""


@work_queue.command("ls")
@pool_option
@json_option
def list_queues(pool: str, as_json: bool) -> None:
    """Queues by priority."""
    found = work_pools.queues(given.transport(), pool)
    show_json(found) if as_json else show_rows(found, COLUMNS)


@work_queue.command()
@click.argument("name")
@pool_option
@json_option
def inspect(name: str, pool: str, as_json: bool) -> None:
    """Everything the server knows about the queue NAME."""
    found = work_pools.read_queue(given.transport(), pool, name)
    show_json(found) if as_json else show_fields(found)


@work_queue.command()
@click.argument("name")
@pool_option
@click.option("--limit", type=click.IntRange(0), help="At most so many runs at once.")
@click.option("--priority", type=click.IntRange(1), help="1 goes first.")
@json_option
def create(
    *, name: str, pool: str, limit: int | None, priority: int | None, as_json: bool
) -> None:
    """Make the queue NAME."""
    fields = {"concurrency_limit": limit, "priority": priority}
    given_fields = {key: value for key, value in fields.items() if value is not None}
    made = work_pools.create_queue(given.transport(), pool, name, **given_fields)
    show_json(made) if as_json else click.echo(f"Made {name}, id {made['id']}")


@work_queue.command()
@click.argument("name")
@pool_option
def pause(name: str, pool: str) -> None:
    """Hand out no runs of the queue NAME."""
    work_pools.amend_queue(given.transport(), pool, name, is_paused=True)
    click.echo(f"{name} is paused")


@work_queue.command()
@click.argument("name")
@pool_option
def resume(name: str, pool: str) -> None:
    """Hand out runs of the queue NAME again."""
    work_pools.amend_queue(given.transport(), pool, name, is_paused=False)
    click.echo(f"{name} goes on")


@work_queue.command("set-concurrency-limit")
@click.argument("name")
@click.argument("limit", type=click.IntRange(0))
@pool_option
def set_limit(name: str, limit: int, pool: str) -> None:
    """At most LIMIT runs of the queue NAME at once."""
    work_pools.amend_queue(given.transport(), pool, name, concurrency_limit=limit)
    click.echo(f"{name} runs at most {limit} at once")


@work_queue.command("clear-concurrency-limit")
@click.argument("name")
@pool_option
def clear_limit(name: str, pool: str) -> None:
    """Any number of runs of the queue NAME at once."""
    work_pools.amend_queue(given.transport(), pool, name, concurrency_limit=None)
    click.echo(f"{name} has no limit")


@work_queue.command()
@click.argument("name")
@pool_option
@click.confirmation_option("-y", "--yes", prompt="Remove the queue?")
def delete(name: str, pool: str) -> None:
    """Remove the queue NAME."""
    work_pools.delete_queue(given.transport(), pool, name)
    click.echo(f"{name} is gone")
