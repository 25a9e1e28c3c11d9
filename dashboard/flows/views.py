"""The flow list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils.safestring import SafeString

from core.lookups import holds
from dashboard.base.filters import chips, named
from dashboard.base.page import PageRequest, page
from dashboard.base.strips import run_strip
from dashboard.base.windows import size_of, total
from deployments.reads import per_flow
from flows.models import Flow
from runs.reads import next_starts
from runs.recent import RecentRun, newest, recent

TITLES = {"q": "name", "tag": "tag"}


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One line of the list."""

    flow: Flow
    deployments: int
    last: RecentRun | None
    next: datetime | None
    strip: SafeString


@page("flows.view", room="Flows")
def flows(request: PageRequest) -> HttpResponse:
    """All flows by name, with their last runs."""
    request.watch("runs", "flows")
    found: Any = Flow.objects.visible_to(request.actor)
    if request.asked.get("q"):
        found = found.filter(named(str(request.asked["q"])))
    for tag in filter(None, request.asked.getlist("tag")):
        found = found.filter(holds("tags", tag))
    size = size_of(request.asked)
    last = request.asked.get("after", "")
    behind = Q(name__gt=last) if last else Q()
    taken = list(found.filter(behind).order_by("name")[: size + 1])
    return request.show(
        "flows/flows.html",
        title="Flows",
        parts={"flows-list": "flows/_list.html"},
        crumbs=[("Flows", None)],
        total=total(found),
        chips=chips(request.asked, TITLES, lambda name, value: value),
        rows=_rows(taken[:size], request.now),
        next=_after(request, taken[size - 1].name) if len(taken) > size else "",
    )


def _rows(shown: list[Flow], now: datetime) -> list[FlowRow]:
    ids = [flow.pk for flow in shown]
    past = recent("flow", ids, most=20, now=now)
    counts, starts = per_flow(ids), next_starts("flow", ids, now)
    return [
        FlowRow(
            flow,
            counts.get(flow.pk, 0),
            newest(past.get(flow.pk)),
            starts.get(flow.pk),
            run_strip(past.get(flow.pk, [])),
        )
        for flow in shown
    ]


def _after(request: PageRequest, name: str) -> str:
    query = request.asked.copy()
    query["after"] = name
    return f"?{query.urlencode()}"
