"""The page of one deployment, one address per tab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from core import schemas
from core.errors import Invalid, NotFound
from dashboard.base.page import PageRequest, page
from dashboard.base.rows import rows_of
from dashboard.base.spoken import length
from dashboard.base.windows import Window, total
from dashboard.deployments.backfill_line import lines
from dashboard.deployments.detail import DeploymentDetail, ScheduleLine
from dashboard.deployments.preview import coming
from dashboard.schema_forms.shapes import ABSENT, shape_of, with_defaults
from runs.models import FlowRun
from runs.reads import for_table
from work_pools.why_not import why_not

SOON = 50  # upcoming runs on the page
BACKFILLS = 200  # of the newest
NEXT = 3  # instants on a schedule's card


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: what it is called, how many things it holds."""

    key: str
    title: str
    href: str
    count: str
    current: bool


Reader = Callable[[PageRequest, DeploymentDetail], dict[str, Any]]


@page("deployments.view", room="Deployments")
def deployment(request: PageRequest, id: UUID, tab: str = "runs") -> HttpResponse:
    """The deployment: header and one tab."""
    if tab not in TABS:
        raise NotFound(
            f"A deployment has no page {tab!r}; there are {', '.join(TABS)}."
        )
    if not request.asked.get("before"):
        request.watch("deployments", "runs")
    detail = DeploymentDetail(id, request.actor, request.now)
    one = detail.deployment
    _, read = TABS[tab]
    return request.show(
        "deployments/deployment.html",
        title=f"{one.name} · Deployments",
        parts={
            "deployment-header": "deployments/_header.html",
            "deployment-tab": "deployments/_tab.html",
        },
        more="runs/_more.html" if tab == "runs" else None,
        crumbs=crumbs(one, None),
        detail=detail,
        one=one,
        tabs=_tabs(detail, tab),
        inside=f"deployments/_tab_{tab}.html",
        **read(request, detail),
    )


def crumbs(deployment: Any, *further: str | None) -> list[tuple[str, str | None]]:
    """The way to a deployment, and on from it where `further` names a page."""
    here = [one for one in further if one]
    flow = deployment.flow
    return [
        ("Deployments", reverse("dashboard:deployments")),
        (flow.name, reverse("dashboard:flow", args=[flow.pk])),
        (
            deployment.name,
            reverse("dashboard:deployment", args=[deployment.pk]) if here else None,
        ),
        *((one, None) for one in here),
    ]


def _tabs(detail: DeploymentDetail, current: str) -> list[Tab]:
    counts = {"schedules": f"{len(detail.schedules)}"}
    id = detail.deployment.pk
    hidden = set() if detail.deployment.description else {"description"}
    if current != "backfills" and not detail.deployment.backfills.exists():
        hidden.add("backfills")
    return [
        Tab(
            key,
            title,
            reverse("dashboard:deployment", args=[id])
            if key == "runs"
            else reverse("dashboard:deployment-tab", args=[id, key]),
            counts.get(key, ""),
            key == current,
        )
        for key, (title, _) in TABS.items()
        if key not in hidden
    ]


def _runs(request: PageRequest, detail: DeploymentDetail) -> dict[str, Any]:
    visible = FlowRun.objects.visible_to(request.actor)
    mine: Any = visible.filter(deployment=detail.deployment.pk).by_start()
    begun = mine.filter(started__lte=request.now)
    window = Window(for_table(begun), request.asked, by="started")
    return {"window": window, "rows": rows_of(window.rows)}


def _upcoming(request: PageRequest, detail: DeploymentDetail) -> dict[str, Any]:
    runs = list(detail.upcoming.select_related("work_queue__pool")[:SOON])
    due = [
        run
        for run in runs
        if run.next_scheduled_start_time
        and run.next_scheduled_start_time <= request.now
    ]
    reasons = why_not(due, request.now)
    titles = {line.schedule.identity: line.title for line in detail.schedules}
    rows = [
        (run, titles.get(run.schedule_identity or "", ""), reasons.get(run.pk, ""))
        for run in runs
    ]
    return {"coming": rows, "coming_total": total(detail.upcoming)}


def _schedules(request: PageRequest, detail: DeploymentDetail) -> dict[str, Any]:
    workspace = detail.deployment.workspace_id

    def instants(line: ScheduleLine) -> list[datetime]:
        if not line.is_working or detail.status in ("HELD", "PAUSED"):
            return []
        return coming(line.schedule, workspace_id=workspace, now=request.now, most=NEXT)

    return {"cards": [(line, instants(line)) for line in detail.schedules]}


def _backfills(request: PageRequest, detail: DeploymentDetail) -> dict[str, Any]:
    rows = list(detail.deployment.backfills.order_by("-created", "-id")[:BACKFILLS])
    titles = {line.schedule.identity: line.title for line in detail.schedules}
    return {"backfills": lines(rows, titles)}


def _parameters(request: PageRequest, detail: DeploymentDetail) -> dict[str, Any]:
    one = detail.deployment
    schema = one.parameter_openapi_schema or {}
    root = shape_of(schema, schema)
    shapes = with_defaults(root, one.parameters) if root.kind == "object" else {}
    faults: dict[str, list[str]] = {}
    broken = ""
    try:
        for path, said in schemas.faults(one.parameters, schema) if schema else ():
            if path and path[0] in one.parameters:
                faults.setdefault(str(path[0]), []).append(said)
    except Invalid as error:
        broken = str(error)
    rows = [
        (
            key,
            shape,
            shape.default if shape.default is not ABSENT else None,
            shape.default is not ABSENT,
            "; ".join(faults.get(key, ())),
        )
        for key, shape in shapes.items()
    ]
    others = {k: v for k, v in one.parameters.items() if k not in shapes}
    return {"rows": rows, "others": others, "schema": schema, "broken": broken}


def _configuration(request: PageRequest, detail: DeploymentDetail) -> dict[str, Any]:
    one = detail.deployment
    options = one.concurrency_options or {}
    return {
        "collision": options.get("collision_strategy", "ENQUEUE").lower(),
        "longest": length(one.max_run_seconds) if one.max_run_seconds else "",
    }


def _description(request: PageRequest, detail: DeploymentDetail) -> dict[str, Any]:
    return {}


TABS: Mapping[str, tuple[str, Reader]] = {
    "runs": ("Runs", _runs),
    "upcoming": ("Upcoming", _upcoming),
    "schedules": ("Schedules", _schedules),
    "backfills": ("Back-fills", _backfills),
    "parameters": ("Parameters", _parameters),
    "configuration": ("Configuration", _configuration),
    "description": ("Description", _description),
}
