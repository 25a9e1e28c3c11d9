"""The flow-run list."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from core.errors import Invalid
from dashboard.base.filters import WINDOWS
from dashboard.base.history import history
from dashboard.base.page import PageRequest, page
from dashboard.base.rows import rows_of
from dashboard.base.windows import Window, total
from dashboard.runs.filters import RunList
from runs.reads import for_table

CHART_HEIGHT = 84


@page("runs.view", room="Runs")
def flow_runs(request: PageRequest) -> HttpResponse:
    """The list with its filter, its chart and its rows."""
    if not request.asked.get("before"):
        request.watch("runs")
    asked = RunList(request.asked, request.actor, request.now)
    if len(request.here) > 4000:
        raise Invalid("This filter is too long; at most 4,000 characters are read.")
    asked.load()
    window = Window(for_table(asked.found), request.asked, by="started")
    found = total(asked.found)
    shown = history(
        asked.matching,
        asked.period,
        now=request.now,
        zone=request.zone,
        height=CHART_HEIGHT,
        href=reverse("dashboard:runs"),
    )
    return request.show(
        "runs/flow_runs.html",
        title="Flow runs · Runs",
        parts={"runs-head": "runs/_head.html", "runs-list": "runs/_list.html"},
        more="runs/_more.html",
        crumbs=[("Runs", reverse("dashboard:runs")), ("Flow runs", None)],
        asked=asked,
        windows=WINDOWS,
        window=window,
        rows=rows_of(window.rows),
        total=found,
        history=shown,
        wider=_wider(asked) if not window.rows and window.is_first else None,
    )


def _wider(asked: RunList) -> int:
    """How many runs the filter finds at any time, when it finds none in its period."""
    return total(asked.anytime()).number
