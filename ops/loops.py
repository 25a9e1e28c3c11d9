"""Stores the heartbeats of this process's loops, for health page and `/api/ready`."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.loops import Beat, Loop, Supervisor, seconds
from core.sql import write
from events.hub import hint
from ops import health, transitions
from ops.models import LoopPulse

FORGET_AFTER = timedelta(days=1)


def process_name() -> str:
    """This process, as its heartbeats name it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def store(beats: Sequence[Beat]) -> None:
    """Write heartbeats, one row for each loop in this process."""
    name = process_name()
    rows = [
        LoopPulse(
            name=beat.name,
            process=name,
            last_tick=beat.ticked,
            last_success=beat.succeeded,
            last_error=beat.error,
            last_error_at=beat.failed,
            lag=beat.lag,
        )
        for beat in beats
    ]
    with write():
        LoopPulse.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["name", "process"],
            update_fields=[
                "last_tick",
                "last_success",
                "last_error",
                "last_error_at",
                "lag",
            ],
        )


class ForgetProcesses(Loop):
    """Forget the heartbeats of processes that ended long ago."""

    name, interval = "forget-processes", seconds(3600)

    def tick(self, now: datetime) -> bool:
        """Delete rows that nobody has touched for a day."""
        old = LoopPulse.objects.filter(last_tick__lt=now - FORGET_AFTER)
        if old.exists():
            with write():
                old.delete()
        return False


class WatchHealth(Loop):
    """Remember in each server what is wrong, for the frame of every page."""

    name, interval, in_every_server = "watch-health", seconds(10), True

    def tick(self, now: datetime) -> bool:
        """Look at the loops; tell open pages when something changed."""
        if health.look(now):
            hint("system")
        return False


class CountTransitions(Loop):
    """Count transitions by state type, once over all processes, for metrics."""

    name, interval, batch = "count-transitions", seconds(10), 20_000

    def tick(self, now: datetime) -> bool:
        """Count what has come into the feed, up to where nothing is missing."""
        return transitions.count(now, most=self.batch)


Supervisor.heartbeat = staticmethod(store)
