"""`orion deploy`: a flow becomes a deployment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from orion.cli import given
from orion.cli.output import json_option, show_json
from orion.client import deployments
from orion.schedules import Cron, Interval, RRule, Schedule

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.command()
@click.argument("entrypoint")
@click.option("-n", "--name", required=True, help="The deployment's name.")
@click.option("--cron", multiple=True, help="A schedule, such as '0 9 * * 1-5'.")
@click.option("--interval", multiple=True, help="A schedule: 30, 30s, 10m, 2h or 1d.")
@click.option("--rrule", multiple=True, help="A schedule: an iCalendar rule.")
@click.option(
    "--anchor", help="Where intervals count from: an ISO time, or a span from now."
)
@click.option("--timezone", default="UTC", show_default=True, help="Of the schedules.")
@click.option("--pool", help="The work pool that runs it.")
@click.option("--queue", help="The queue; without a pool one that agents ask by name.")
@click.option("-p", "--param", "pairs", multiple=True, help="A parameter, name=value.")
@click.option("--tag", "tags", multiple=True, help="A tag of its runs; repeatable.")
@click.option("--paused", is_flag=True, help="Make no runs by schedule yet.")
@json_option
def deploy(
    *,
    entrypoint: str,
    name: str,
    cron: tuple[str, ...],
    interval: tuple[str, ...],
    rrule: tuple[str, ...],
    anchor: str | None,
    timezone: str,
    pool: str | None,
    queue: str | None,
    pairs: tuple[str, ...],
    tags: tuple[str, ...],
    paused: bool,
    as_json: bool,
) -> None:
    """Tell the server how to run the flow of ENTRYPOINT.

    ENTRYPOINT is path/file.py:flow or package.module:flow, as seen from the
    folder you are in; agents run it in this folder.
    """
    from orion.worker.loading import load_flow

    folder = Path.cwd()
    flow = load_flow(entrypoint, folder)
    start = moment(anchor) if anchor else None
    schedules: list[Schedule] = [
        *(Cron(each, timezone) for each in cron),
        *(Interval(seconds(each), start, timezone) for each in interval),
        *(RRule(each, timezone) for each in rrule),
    ]
    applied = deployments.apply(
        given.transport(),
        deployments.of_flow(
            flow,
            name,
            entrypoint=entrypoint,
            folder=folder,
            parameters=given.parameters(pairs),
            schedules=schedules,
            tags=tags,
            work_pool=pool,
            work_queue=queue,
            paused=paused,
        ),
    )
    if as_json:
        show_json(applied)
    else:
        click.echo(f"Deployed {name}, id {applied['id']}")


def moment(text: str) -> str:
    """An ISO time, in UTC if it names no offset, or a span from now."""
    if text[-1:] in SECONDS:
        return (datetime.now(UTC) + timedelta(seconds=seconds(text))).isoformat()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"Wanted an ISO time such as 2026-01-31T09:00+01:00 or a span such as 5s, "
            f"found {text!r}"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def seconds(text: str) -> float:
    """`90`, `90s`, `10m`, `2h`, `1d` in seconds."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in SECONDS else (text, "s")
    try:
        found = float(number) * SECONDS[unit]
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise click.UsageError(
            f"Wanted an interval such as 30s, 10m, 2h or 1d, found {text!r}"
        )
    return found
