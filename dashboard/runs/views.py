"""The page of one flow run, one address per tab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from core.errors import NotFound
from dashboard.base.page import PageRequest, page
from dashboard.looks import word
from dashboard.runs.acts import offered
from dashboard.runs.detail import RunDetail
from dashboard.runs.gantt import Gantt
from dashboard.runs.loglines import LogLines
from dashboard.runs.reason import reason
from dashboard.runs.results import value_of
from runs.explanations import explain
from runs.models import TaskRun
from runs.reads import progress
from runs.states import PROBLEM


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: what it is called, how many things it holds."""

    key: str
    title: str
    href: str
    count: str
    current: bool


Reader = Callable[[PageRequest, RunDetail], dict[str, Any]]


@page("runs.view", room="Runs")
def flow_run(request: PageRequest, id: UUID, tab: str = "logs") -> HttpResponse:
    """The run: header, reason, timeline and one tab."""
    if tab not in TABS:
        raise NotFound(f"A run has no page {tab!r}; there are {', '.join(TABS)}.")
    detail = RunDetail(id, request.actor, request.now)
    run = detail.run
    request.watch(f"run:{id}", f"logs:{id}")
    _, read = TABS[tab]
    state = word(run.state_type, run.state_name)
    previous, following = detail.around
    return request.show(
        "runs/flow_run.html",
        title=f"{state} · {run.name} · Runs",
        parts={
            "run-header": "runs/_header.html",
            "run-timeline": "runs/_timeline.html",
            "run-tab": "runs/_tab.html",
        },
        crumbs=_crumbs(detail),
        detail=detail,
        run=run,
        state=state,
        reason=reason(detail),
        acts=offered(run),
        waits_for_input="run_input_keyset" in _details_of(detail),
        previous=previous,
        following=following,
        progress=progress_of(detail),
        gantt=Gantt(detail, request.zone),
        tabs=_tabs(detail, tab),
        inside=f"runs/_tab_{tab}.html",
        **read(request, detail),
    )


def _details_of(detail: RunDetail) -> dict[str, Any]:
    return (detail.state.details if detail.state else None) or {}


def _crumbs(detail: RunDetail) -> list[tuple[str, str | None]]:
    runs = reverse("dashboard:runs")
    flow = detail.run.flow
    return [
        ("Runs", runs),
        (flow.name, f"{runs}?flow={flow.pk}"),
        (detail.run.name, None),
    ]


def _tabs(detail: RunDetail, current: str) -> list[Tab]:
    counts = {
        "logs": f"{detail.log_total:,}",
        "tasks": f"{detail.task_total:,}",
        "children": f"{len(detail.children)}",
    }
    id = detail.run.pk
    return [
        Tab(
            key,
            title,
            reverse("dashboard:run", args=[id])
            if key == "logs"
            else reverse("dashboard:run-tab", args=[id, key]),
            counts.get(key, ""),
            key == current,
        )
        for key, (title, _) in TABS.items()
    ]


def progress_of(detail: RunDetail) -> Any:
    """How far a live run is; a finished one needs no meter."""
    return progress([detail.run.pk]).get(detail.run.pk) if detail.is_live else None


def _logs(request: PageRequest, detail: RunDetail) -> dict[str, Any]:
    return {"log": LogLines(detail, request.asked)}


def _tasks(request: PageRequest, detail: RunDetail) -> dict[str, Any]:
    def order(task: TaskRun) -> tuple[bool, str]:
        return task.state_type not in PROBLEM, ""

    rows = [(task, _message(detail, task)) for task in sorted(detail.tasks, key=order)]
    return {"tasks": rows}


def _message(detail: RunDetail, task: TaskRun) -> str:
    states = detail.task_states.get(task.pk, [])
    return next((s.message or "" for s in states if s.pk == task.state_id), "")


def _children(request: PageRequest, detail: RunDetail) -> dict[str, Any]:
    return {"children": detail.children}


def _parameters(request: PageRequest, detail: RunDetail) -> dict[str, Any]:
    return {"parameters": detail.run.parameters}


def _details(request: PageRequest, detail: RunDetail) -> dict[str, Any]:
    return {"result": value_of(detail.state), "history": detail.states[::-1]}


def _why(request: PageRequest, detail: RunDetail) -> dict[str, Any]:
    return {"explanations": explain(detail.run)}


TABS: Mapping[str, tuple[str, Reader]] = {
    "logs": ("Logs", _logs),
    "tasks": ("Tasks", _tasks),
    "children": ("Children", _children),
    "parameters": ("Parameters", _parameters),
    "details": ("Details", _details),
    "why": ("Why", _why),
}
