"""The lists of work pools and of agents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpResponse

from core.actor import Actor
from dashboard.base.filters import chips, named
from dashboard.base.page import PageRequest, page
from dashboard.base.pool_rows import agent_rows, pool_rows
from dashboard.base.windows import size_of, total
from dashboard.work_pools.kinds import KINDS, kind_name
from runs.models import FlowRun
from work_pools.health import CLASSIC
from work_pools.models import Agent, WorkPool

TITLES = {"q": "name", "type": "type"}
LIVE = ("runs", "work_pools", "work_queues")
MOST_RUNS = 500  # of all agents together


@page("work_pools.view", room="Work pools")
def work_pools(request: PageRequest) -> HttpResponse:
    """All pools by name: who works for them, how full they are, what waits."""
    request.watch(*LIVE)
    asked = request.asked
    found: Any = WorkPool.objects.visible_to(request.actor)
    if asked.get("q"):
        found = found.filter(named(str(asked["q"])))
    kinds = [value for value in asked.getlist("type") if value]
    if kinds:
        found = found.filter(type__in=kinds)
    size = size_of(asked)
    last = asked.get("after", "")
    behind = Q(name__gt=last) if last else Q()
    light = found.filter(behind).defer("base_job_template", "storage_configuration")
    taken = list(light.order_by("name")[: size + 1])
    return request.show(
        "work_pools/work_pools.html",
        title="Work pools",
        parts={"pools-list": "work_pools/_list.html"},
        crumbs=[("Work pools", None)],
        total=total(found),
        kinds=KINDS,
        kind=kinds[0] if kinds else "",
        chips=chips(
            asked, TITLES, lambda name, v: kind_name(v) if name == "type" else v
        ),
        rows=pool_rows(taken[:size], request.now),
        next=_after(request, taken[size - 1].name) if len(taken) > size else "",
    )


@page("work_pools.view", room="Agents")
def agents(request: PageRequest) -> HttpResponse:
    """Agents with their runs, and the queues that agents poll by name."""
    request.watch(*LIVE)
    mine = list(Agent.objects.visible_to(request.actor).order_by("name"))
    rows = agent_rows(mine, runs_of(mine, request.actor), request.now)
    pools: Any = WorkPool.objects.visible_to(request.actor).filter(type=CLASSIC)
    listed = list(pools.defer("base_job_template").order_by("name"))
    return request.show(
        "work_pools/agents.html",
        title="Agents",
        parts={"agents-list": "work_pools/_agents.html"},
        crumbs=[("Agents", None)],
        rows=rows,
        online=sum(row.is_online for row in rows),
        pools=pool_rows(listed, request.now),
    )


def runs_of(agents: Sequence[Agent], actor: Actor) -> dict[str, list[Any]]:
    """The runs that agents vouch for, by the agent's name."""
    found: dict[str, list[Any]] = {}
    if not agents:
        return found
    runs: Any = FlowRun.objects.visible_to(actor).open()
    vouched = runs.filter(pulse__source__in=[agent.name for agent in agents])
    shown = vouched.select_related("pulse", "flow").order_by("start_time", "id")
    columns = ("name", "state_type", "state_name", "start_time", "flow__name")
    times = ("state_timestamp", "total_run_time", "pulse__source", "pulse__pid")
    for run in shown.only(*columns, *times)[:MOST_RUNS]:
        found.setdefault(run.pulse.source, []).append(run)
    return found


def _after(request: PageRequest, name: str) -> str:
    query = request.asked.copy()
    query["after"] = name
    return f"?{query.urlencode()}"
