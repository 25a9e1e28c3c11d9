"""Home: state counts over time, running now, late and why, next up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from core.actor import Actor
from dashboard.base.causes import causes
from dashboard.base.filters import WINDOWS, period
from dashboard.base.history import history
from dashboard.base.page import PageRequest, page
from dashboard.base.strips import run_strip
from dashboard.charts.strip import meter
from dashboard.home.needs import needs
from dashboard.home.pools import pool_lines
from flows.models import Flow
from ops import health
from runs.models import FlowRun
from runs.reads import Progress, Trouble, coming, late, progress, running, troubles
from runs.recent import RecentRun, recent
from runs.states import StateType

SHOWN = 10
CHART_HEIGHT = 150
MUCH = 1.5  # times its usual duration


@dataclass(frozen=True, slots=True)
class RunningRow:
    """A running run: how far, and how long against its usual time."""

    run: Any
    progress: Progress | None
    meter: SafeString | None
    usual: float | None
    times: float

    @property
    def is_slow(self) -> bool:
        """Whether it takes much longer than usual."""
        return self.times >= MUCH


@page("runs.view", room="Home")
def home(request: PageRequest) -> HttpResponse:
    """Is something broken, is something stuck, is something coming?"""
    request.watch("runs", "work_pools", "work_queues")
    runs = FlowRun.objects.visible_to(request.actor)
    shown = period(request.asked, request.now)
    counted = history(
        runs.by_start(),
        shown,
        now=request.now,
        zone=request.zone,
        height=CHART_HEIGHT,
        href=reverse("dashboard:runs"),
        compare=shown.start is not None,
    )
    active = list(running(runs)[: SHOWN + 1])
    overdue = list(late(runs)[: SHOWN + 1])
    reasons = causes([run.pk for run in overdue])
    started: Any = runs.by_start()
    started = started.filter(started__lte=request.now)
    if shown.start is not None:
        started = started.filter(started__gte=shown.start)
    failing = troubles(started, most=SHOWN)
    pools = pool_lines(request.actor, request.now)
    return request.show(
        "home/home.html",
        title="Home",
        parts={"home": "home/_home.html"},
        crumbs=[("Home", None)],
        period=shown,
        windows={key: name for key, (name, _) in WINDOWS.items()},
        history=counted,
        running=_running(active[:SHOWN], request.now),
        more_running=len(active) > SHOWN,
        late=[(run, reasons[run.pk]) for run in overdue[:SHOWN]],
        more_late=len(overdue) > SHOWN,
        coming=list(coming(runs, request.now)[:SHOWN]),
        failing=_failing(failing, request.now),
        pools=pools,
        needs=needs(pools, health.troubles()),
        is_new=not counted.total and _is_empty(request.actor),
    )


def _running(rows: list[Any], now: datetime) -> list[RunningRow]:
    done = progress([run.pk for run in rows])
    past = recent(
        "deployment",
        {r.deployment_id for r in rows if r.deployment_id},
        most=20,
        now=now,
    )
    return [
        _row(run, done.get(run.pk), past.get(run.deployment_id, []), now)
        for run in rows
    ]


def _row(
    run: Any, done: Progress | None, past: list[RecentRun], now: datetime
) -> RunningRow:
    ended = [one.seconds for one in past if one.state_type == StateType.COMPLETED]
    usual = median(ended) if len(ended) >= 3 else None
    drawn = None
    if done is not None:
        drawn = meter(
            done=done.done, failed=done.failed, running=done.running, total=done.total
        )
    times = run.estimated_run_time(now) / usual if usual else 0.0
    return RunningRow(run, done, drawn, usual, times)


def _failing(rows: list[Trouble], now: datetime) -> list[tuple[Trouble, SafeString]]:
    ids: list[UUID] = [row.flow_id for row in rows]
    past = recent("flow", ids, most=20, now=now)
    return [(row, run_strip(past.get(row.flow_id, []))) for row in rows]


def _is_empty(actor: Actor) -> bool:
    """Whether nothing has ever been here."""
    return not Flow.objects.visible_to(actor).exists()
