"""The page of one flow: how its runs went, its deployments, its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from core.errors import NotFound
from dashboard.base.filters import DEFAULT_WINDOW, WINDOWS, period
from dashboard.base.history import history
from dashboard.base.page import PageRequest, page
from dashboard.base.rows import rows_of
from dashboard.base.spoken import in_words
from dashboard.base.strips import run_strip
from dashboard.base.times import duration
from dashboard.base.windows import Window
from deployments.models import Deployment
from deployments.reads import for_table as deployments_for_table
from flows.models import Flow
from runs.models import FlowRun
from runs.reads import for_table
from runs.recent import recent
from runs.states import PROBLEM, StateType

MEASURED = 1000  # newest successes whose durations are measured
NOTHING = "none"
LISTED = 200  # deployments on the page
CHART_HEIGHT = 84


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: what it is called, how many things it holds."""

    key: str
    title: str
    href: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """One number about the runs of the window."""

    title: str
    value: str
    look: str = "scheduled"


Reader = Callable[[PageRequest, Flow, Any], dict[str, Any]]


@page("flows.view", room="Flows")
def flow(request: PageRequest, id: UUID, tab: str = "runs") -> HttpResponse:
    """The flow: numbers, chart and one tab."""
    if tab not in TABS:
        raise NotFound(f"A flow has no page {tab!r}; there are {', '.join(TABS)}.")
    if not request.asked.get("before"):
        request.watch("runs", "flows", "deployments")
    found: Flow | None = Flow.objects.visible_to(request.actor).filter(pk=id).first()
    if found is None:
        raise NotFound(f"There is no flow {id} here; it may have been deleted.")
    shown = period(request.asked, request.now)
    visible = FlowRun.objects.visible_to(request.actor)
    mine: Any = visible.filter(flow=id).by_start()
    begun = mine.filter(started__lte=request.now)
    if shown.start:
        begun = begun.filter(started__gte=shown.start)
    _, read = TABS[tab]
    return request.show(
        "flows/flow.html",
        title=f"{found.name} · Flows",
        parts={"flow-header": "flows/_header.html", "flow-tab": "flows/_tab.html"},
        more="runs/_more.html" if tab == "runs" else None,
        crumbs=[("Flows", reverse("dashboard:flows")), (found.name, None)],
        flow=found,
        windows=WINDOWS,
        period=shown,
        default=DEFAULT_WINDOW,
        tiles=_tiles(begun),
        history=history(
            mine,
            shown,
            now=request.now,
            zone=request.zone,
            height=CHART_HEIGHT,
            href=f"{reverse('dashboard:runs')}?flow={id}",
        ),
        tabs=_tabs(found, tab),
        inside=f"flows/_tab_{tab}.html",
        **read(request, found, begun),
    )


def _tabs(one: Flow, current: str) -> list[Tab]:
    count = Deployment.objects.filter(flow=one.pk).count()
    counts = {"deployments": f"{count}"}
    return [
        Tab(
            key,
            title,
            reverse("dashboard:flow", args=[one.pk])
            if key == "runs"
            else reverse("dashboard:flow-tab", args=[one.pk, key]),
            counts.get(key, ""),
            key == current,
        )
        for key, (title, _) in TABS.items()
    ]


def _tiles(begun: Any) -> list[Tile]:
    """What happened in the window."""
    counted = begun.order_by().aggregate(
        all=Count("pk"),
        good=Count("pk", filter=Q(state_type=StateType.COMPLETED)),
        bad=Count("pk", filter=Q(state_type__in=sorted(PROBLEM))),
    )
    good = begun.filter(state_type=StateType.COMPLETED).order_by("-started")
    took = sorted(good.values_list("total_run_time", flat=True)[:MEASURED])
    ended = counted["good"] + counted["bad"]
    return [
        Tile("Runs", f"{counted['all']:,}", "running"),
        Tile(
            "Succeeded",
            f"{100 * counted['good'] / ended:.0f} %" if ended else NOTHING,
            "completed",
        ),
        Tile("Failed", f"{counted['bad']:,}", "failed"),
        Tile("Half are done in", _share(took, 0.5), "cached"),
        Tile("95 % are done in", _share(took, 0.95), "cached"),
    ]


def _share(took: Sequence[float], share: float) -> str:
    """The duration that this share of the runs keeps within."""
    if not took:
        return NOTHING
    return duration(took[min(len(took) - 1, int(len(took) * share))])


def _runs(request: PageRequest, one: Flow, begun: Any) -> dict[str, Any]:
    window = Window(for_table(begun), request.asked, by="started")
    return {"window": window, "rows": rows_of(window.rows)}


def _deployments(request: PageRequest, one: Flow, begun: Any) -> dict[str, Any]:
    visible: Any = Deployment.objects.visible_to(request.actor).filter(flow=one.pk)
    found = list(deployments_for_table(visible)[:LISTED])
    past = recent("deployment", [row.pk for row in found], most=20, now=request.now)
    rows: list[tuple[Any, list[str], SafeString]] = [
        (
            row,
            [in_words(s.schedule) for s in row.listed_schedules if s.active],
            run_strip(past.get(row.pk, [])),
        )
        for row in found
    ]
    return {"rows": rows}


def _details(request: PageRequest, one: Flow, begun: Any) -> dict[str, Any]:
    return {}


TABS: Mapping[str, tuple[str, Reader]] = {
    "runs": ("Runs", _runs),
    "deployments": ("Deployments", _deployments),
    "details": ("Details", _details),
}
