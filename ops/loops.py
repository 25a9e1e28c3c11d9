"""Stores the heartbeats of this process's loops, for health page and `/api/ready`."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.loops import Beat, Loop, Supervisor, seconds
from core.sql import write
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
        )
        for beat in beats
    ]
    with write():
        LoopPulse.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["name", "process"],
            update_fields=["last_tick", "last_success", "last_error", "last_error_at"],
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


Supervisor.heartbeat = staticmethod(store)
