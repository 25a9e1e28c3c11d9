"""`orion agent start`."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType

import click

from orion.cli.given import transport
from orion.settings import settings


@click.group()
def agent() -> None:
    """Take due runs from queues and run them."""


@agent.command()
@click.option("-q", "--queue", "queues", multiple=True, help="A queue; repeatable.")
@click.option("--pool", help="A work pool; -q then names queues of it.")
@click.option("--limit", type=click.IntRange(1), help="At most so many runs at once.")
@click.option("--name", help="The agent's name; two of one name cannot run at once.")
@click.option(
    "--prefetch",
    type=click.FloatRange(0),
    help="Ask for runs due within so many seconds.",
)
@click.option("--drain", is_flag=True, help="When stopped, wait for runs without end.")
@click.option("--once", is_flag=True, help="Ask once, run what is due, and end.")
def start(
    *,
    queues: tuple[str, ...],
    pool: str | None,
    limit: int | None,
    name: str | None,
    prefetch: float | None,
    drain: bool,
    once: bool,
) -> int:
    """Ask queues for due runs and run each in a process of its own.

    SIGTERM or Ctrl-C: take nothing new, wait for the runs, end with 0; a second
    one ends the runs now.
    """
    from orion.worker.agent import Agent, Options

    chosen = settings()
    logging.basicConfig(
        level=chosen.logging.level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    worker = Agent(
        transport(),
        Options(
            queues=queues,
            pool=pool,
            name=name or chosen.agent.name,
            limit=limit or chosen.agent.limit,
            prefetch=chosen.agent.prefetch_seconds if prefetch is None else prefetch,
            poll_interval=chosen.agent.poll_interval,
            heartbeat=chosen.agent.heartbeat_seconds,
            grace=chosen.cancellation.grace_seconds,
            drain=None if drain else chosen.agent.drain_seconds,
            is_once=once,
            home=chosen.home,
        ),
        say=_say,
    )

    def stop(number: int, frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return worker.run()


def _say(line: str) -> None:
    """Pass a line on; where nobody reads any more the agent still goes on."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        return
