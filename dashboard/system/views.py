"""The state of the server: loops, processes, database."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

import django
from django.db import connection
from django.http import HttpResponse

from core.conf import conf
from core.sql import is_sqlite
from dashboard.base.page import PageRequest, page
from ops.health import Condition, loops
from ops.metrics import database_size
from ops.models import LoopPulse
from ops.schema import compare

RECENT = timedelta(minutes=2)
WORST = (Condition.STANDING, Condition.FAILING, Condition.BEHIND, Condition.NEW)
STEPS = {
    Condition.STANDING: "Nobody runs it. Start the server, or manage.py run_services.",
    Condition.FAILING: "Its last tick failed; it is tried again by itself.",
    Condition.BEHIND: "Work is due faster than it is done, or it was down for a while.",
}


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs loops."""

    name: str
    loops: int
    started: datetime
    last_tick: datetime


@page("server.view", room="System")
def system(request: PageRequest) -> HttpResponse:
    """What runs, what stands still, and what to do about it."""
    request.watch("system")
    found = loops(request.now)
    troubles = [loop for loop in found if not loop.is_fine]
    order = {condition: n for n, condition in enumerate(WORST)}
    found.sort(key=lambda loop: order.get(loop.condition, len(order)))
    schema = compare()
    return request.show(
        "system/system.html",
        title="System",
        parts={"system": "system/_system.html"},
        crumbs=[("System", None)],
        loops=found,
        worst=found[0].condition if found else Condition.NEW,
        troubles=[(loop, STEPS[loop.condition]) for loop in troubles],
        processes=processes(request.now),
        facts=facts(),
        missing=len(schema.missing),
    )


def processes(now: datetime) -> list[Process]:
    """Processes whose loops ticked lately."""
    found: dict[str, Process] = {}
    fresh = LoopPulse.objects.filter(last_tick__gte=now - RECENT).order_by("process")
    for pulse in fresh:
        tick = pulse.last_tick or now
        known = found.get(pulse.process)
        if known is None:
            found[pulse.process] = Process(pulse.process, 1, pulse.started, tick)
        else:
            found[pulse.process] = Process(
                pulse.process,
                known.loops + 1,
                min(known.started, pulse.started),
                max(known.last_tick, tick),
            )
    return list(found.values())


def facts() -> list[tuple[str, str]]:
    """What one is asked for when one asks for help."""
    version = sys.version.partition(" ")[0]
    return [
        ("Database", database()),
        ("Size", f"{database_size() / 1e6:,.1f} MB"),
        ("Python", f"{platform.python_implementation()} {version}"),
        ("Django", django.get_version()),
        ("Events are kept for", f"{conf.event_days} days"),
        ("Runs are late after", f"{conf.late_after.total_seconds():g} s"),
    ]


def database() -> str:
    """Which database, and its version."""
    with connection.cursor() as cursor:
        if is_sqlite():
            cursor.execute("SELECT sqlite_version()")
            return f"SQLite {cursor.fetchone()[0]}"
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"
