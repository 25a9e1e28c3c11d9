"""The page of a pool, tab by tab."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Value, When
from django.http import HttpResponse
from django.urls import reverse

from dashboard.base.causes import Cause, causes
from dashboard.base.page import PageRequest, page
from dashboard.base.pool_rows import PoolRow, agent_rows, pool_rows, worker_rows
from dashboard.base.spoken import in_words
from dashboard.work_pools.kinds import kind_name, start_commands
from dashboard.work_pools.lists import LIVE, runs_of
from deployments.models import Deployment
from deployments.reads import for_table as deployments_table
from runs.models import FlowRun
from runs.reads import for_table
from runs.states import StateType
from work_pools import services

SHOWN = 50
PAST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a page."""

    title: str
    href: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a pool's template that deployments may set."""

    name: str
    type: str
    default: str
    description: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Due runs with what is in their way, and those to come."""

    due: list[tuple[Any, Cause]]
    more_due: int
    coming: list[Any]


def waiting(request: PageRequest, queues: dict[UUID, int], due: int) -> Waiting:
    """What queues (id to priority) will hand out, in that order."""
    runs = FlowRun.objects.visible_to(request.actor).filter(
        work_queue__in=list(queues), state_type=StateType.SCHEDULED
    )
    shown: Any = for_table(runs)
    whens = [When(work_queue_id=id, then=Value(at)) for id, at in queues.items()]
    priority = Case(*whens, default=Value(0), output_field=IntegerField())
    order = ("next_scheduled_start_time", "id")
    ready = shown.filter(next_scheduled_start_time__lte=request.now)
    first = list(ready.annotate(rank=priority).order_by("rank", *order)[:SHOWN])
    reasons = causes([run.pk for run in first])
    later = shown.filter(next_scheduled_start_time__gt=request.now)
    return Waiting(
        [(run, reasons[run.pk]) for run in first],
        max(0, due - len(first)),
        list(later.order_by(*order)[: SHOWN // 2]),
    )


@page("work_pools.view", room="Work pools")
def work_pool(request: PageRequest, name: str, tab: str = "") -> HttpResponse:
    """A pool: what it is doing, and what is in the way."""
    request.watch(*LIVE)
    pool = services.find_pool(name, actor=request.actor)
    (row,) = pool_rows([pool], request.now)
    return request.show(
        "work_pools/work_pool.html",
        title=f"{pool.name} · Work pools",
        parts={
            "pool-header": "work_pools/_header.html",
            "pool-tab": "work_pools/_tab.html",
        },
        crumbs=[("Work pools", reverse("dashboard:work-pools")), (pool.name, None)],
        pool=pool,
        row=row,
        kind=kind_name(pool.type),
        commands=start_commands(pool),
        tabs=tabs(row, tab),
        inside=f"work_pools/_tab_{tab or 'runs'}.html",
        **TABS[tab](request, row),
    )


def tabs(row: PoolRow, current: str) -> list[Tab]:
    """The tabs with the counts that are known anyway."""
    counts = {
        "queues": len(row.queues),
        "workers": row.hands,
        "upcoming": row.load.due,
    }
    return [
        Tab(
            key.capitalize() or "Runs",
            _address(row, key),
            key == current,
            counts.get(key),
        )
        for key in TABS
    ]


def _address(row: PoolRow, tab: str) -> str:
    if not tab:
        return reverse("dashboard:work-pool", args=[row.pool.name])
    return reverse("dashboard:work-pool-tab", args=[row.pool.name, tab])


def begun(request: PageRequest, queue_ids: list[UUID]) -> list[Any]:
    """Runs of queues that began within a week, newest first."""
    runs = FlowRun.objects.visible_to(request.actor).filter(work_queue__in=queue_ids)
    shown: Any = for_table(runs).exclude(state_type=StateType.SCHEDULED)
    recent = shown.filter(started__gte=request.now - PAST, started__lte=request.now)
    return list(recent.order_by("-started", "-id")[:SHOWN])


def _runs(request: PageRequest, row: PoolRow) -> dict[str, Any]:
    return {"runs": begun(request, [one.queue.pk for one in row.queues])}


def _queues(request: PageRequest, row: PoolRow) -> dict[str, Any]:
    return {"last": len(row.queues)}


def _workers(request: PageRequest, row: PoolRow) -> dict[str, Any]:
    agents = row.staff.agents
    runs = runs_of(agents, request.actor)
    return {
        "workers": worker_rows(row.staff.workers, request.now),
        "agents": agent_rows(agents, runs, request.now),
    }


def _upcoming(request: PageRequest, row: PoolRow) -> dict[str, Any]:
    queues = {one.queue.pk: one.queue.priority for one in row.queues}
    return {"waiting": waiting(request, queues, row.load.due)}


def _deployments(request: PageRequest, row: PoolRow) -> dict[str, Any]:
    mine: Any = Deployment.objects.visible_to(request.actor)
    queues = [one.queue.pk for one in row.queues]
    found = list(deployments_table(mine.filter(work_queue__in=queues))[: SHOWN + 1])
    listed = [
        (one, [in_words(s.schedule) for s in one.listed_schedules if s.active])
        for one in found[:SHOWN]
    ]
    return {"deployments": listed, "more": len(found) > SHOWN}


def _template(request: PageRequest, row: PoolRow) -> dict[str, Any]:
    template = row.pool.base_job_template or {}
    variables = template.get("variables") or {}
    properties = variables.get("properties") or {}
    required = variables.get("required") or []
    listed = [
        Variable(
            name,
            str(shape.get("type", "any")),
            json.dumps(shape["default"]) if "default" in shape else "",
            str(shape.get("description") or shape.get("title") or ""),
            name in required,
        )
        for name, shape in properties.items()
        if isinstance(shape, dict)
    ]
    return {
        "variables": listed,
        "configuration": template.get("job_configuration") or {},
    }


TABS: dict[str, Callable[[PageRequest, PoolRow], dict[str, Any]]] = {
    "": _runs,
    "queues": _queues,
    "workers": _workers,
    "upcoming": _upcoming,
    "deployments": _deployments,
    "template": _template,
}
