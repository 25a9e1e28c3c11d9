"""`orion deployment schedule`: list, pause and resume the schedules of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from orion.cli import given
from orion.cli.output import as_text, json_option, show_json, show_rows

if TYPE_CHECKING:
    from orion.client.transport import Transport

COLUMNS = {"Id": "id", "Slug": "slug", "Schedule": "text", "Active": "active"}


@click.group()
def schedule() -> None:
    """Look at the schedules of a deployment, pause and resume them."""


@schedule.command("ls")
@click.argument("name")
@json_option
def list_schedules(name: str, as_json: bool) -> None:
    """The schedules of the deployment NAME."""
    api = given.transport()
    found = _schedules(api, given.deployment(api, name))
    if as_json:
        show_json(found)
        return
    rows = [{**each, "text": as_text(each["schedule"])} for each in found]
    show_rows(rows, COLUMNS)


@schedule.command()
@click.argument("name")
@click.argument("schedule")
def pause(name: str, schedule: str) -> None:
    """Make no runs by SCHEDULE (id or slug) of the deployment NAME."""
    _set_active(name, schedule, is_active=False)


@schedule.command()
@click.argument("name")
@click.argument("schedule")
def resume(name: str, schedule: str) -> None:
    """Make runs by SCHEDULE (id or slug) of the deployment NAME again."""
    _set_active(name, schedule, is_active=True)


def _set_active(name: str, wanted: str, *, is_active: bool) -> None:
    api = given.transport()
    deployment = given.deployment(api, name)
    found = [
        each
        for each in _schedules(api, deployment)
        if wanted == each.get("slug") or str(each["id"]).startswith(wanted.lower())
    ]
    if len(found) != 1:
        raise click.UsageError(
            f"{wanted!r} fits {len(found)} schedules of {deployment['name']}: give "
            "a full id or a slug; `orion deployment schedule ls` lists them"
        )
    path = f"/deployments/{deployment['id']}/schedules/{found[0]['id']}"
    api.request("PATCH", path, json={"active": is_active})
    click.echo(f"The schedule {'goes on' if is_active else 'is paused'}")


def _schedules(api: Transport, deployment: dict[str, Any]) -> list[dict[str, Any]]:
    answer = api.request("GET", f"/deployments/{deployment['id']}/schedules")
    found: list[dict[str, Any]] = answer.json()
    return found
