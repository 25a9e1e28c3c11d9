"""The deployment list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import HttpResponse
from django.utils.safestring import SafeString

from core.errors import Invalid
from core.lookups import holds
from dashboard.base.filters import chips, named, one_of
from dashboard.base.page import PageRequest, page
from dashboard.base.spoken import in_words
from dashboard.base.strips import run_strip
from dashboard.base.windows import size_of, total
from deployments.models import Deployment, Hold, Schedule
from deployments.reads import for_table
from runs.reads import next_starts
from runs.recent import RecentRun, newest, recent
from work_pools import health

TITLES = {
    "q": "name",
    "flow": "flow",
    "pool": "pool",
    "tag": "tag",
    "scheduled": "schedule",
}
SCHEDULED = {
    "yes": "With a schedule",
    "no": "Without a schedule",
    "paused": "Paused or on hold",
}


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """One line of the list."""

    deployment: Any  # with `listed_schedules` and `listed_holds`
    status: str
    schedules: list[str]
    last: RecentRun | None
    next: datetime | None
    strip: SafeString


@page("deployments.view", room="Deployments")
def deployments(request: PageRequest) -> HttpResponse:
    """All deployments by flow and name."""
    request.watch("runs", "deployments")
    asked = request.asked
    found = _found(request)
    size = size_of(asked)
    wanted = for_table(found.filter(_behind(request))).prefetch_related(
        Prefetch("holds", Hold.objects.all(), to_attr="listed_holds")
    )
    taken = list(wanted[: size + 1])
    return request.show(
        "deployments/deployments.html",
        title="Deployments",
        parts={"deployments-list": "deployments/_list.html"},
        crumbs=[("Deployments", None)],
        total=total(found),
        chips=chips(asked, TITLES, _say),
        scheduled=SCHEDULED,
        rows=_rows(taken[:size], request.now),
        next=_after(request, taken[size - 1]) if len(taken) > size else "",
    )


def status_of(deployment: Any, held: Sequence[Hold], now: datetime) -> str:
    """On hold, paused, ready or not: the first that is so."""
    if any(one.schedule_identity is None for one in held):
        return "HELD"
    if deployment.paused:
        return "PAUSED"
    queue = deployment.work_queue
    polled = queue.last_polled if queue else None
    return health.of_deployment(deployment.last_polled, polled, now).value


def _found(request: PageRequest) -> Any:
    found: Any = Deployment.objects.visible_to(request.actor)
    asked = request.asked
    if asked.get("q"):
        text = str(asked["q"])
        found = found.filter(named(text) | named(text, column="flow__name"))
    for name, path in (("flow", "flow"), ("pool", "work_queue__pool")):
        values = [value for value in asked.getlist(name) if value]
        if values:
            found = found.filter(one_of(path, values))
    for tag in filter(None, asked.getlist("tag")):
        found = found.filter(holds("tags", tag))
    return _by_schedule(found, asked.get("scheduled", ""))


def _by_schedule(found: Any, wanted: str) -> Any:
    if not wanted:
        return found
    if wanted not in SCHEDULED:
        offered = ", ".join(SCHEDULED)
        raise Invalid(f"scheduled={wanted!r} is not known; use one of {offered}.")
    if wanted == "paused":
        stopped = Hold.objects.filter(deployment=OuterRef("pk"))
        return found.filter(Q(paused=True) | Exists(stopped))
    active = Exists(Schedule.objects.filter(deployment=OuterRef("pk"), active=True))
    return found.filter(active if wanted == "yes" else ~active)


def _say(name: str, value: str) -> str:
    return SCHEDULED.get(value, value).lower() if name == "scheduled" else value


def _rows(shown: list[Any], now: datetime) -> list[DeploymentRow]:
    ids: list[UUID] = [one.pk for one in shown]
    past = recent("deployment", ids, most=20, now=now)
    starts = next_starts("deployment", ids, now)
    return [
        DeploymentRow(
            one,
            status_of(one, one.listed_holds, now),
            [in_words(s.schedule) for s in one.listed_schedules if s.active],
            newest(past.get(one.pk)),
            starts.get(one.pk),
            run_strip(past.get(one.pk, [])),
        )
        for one in shown
    ]


def _behind(request: PageRequest) -> Q:
    """The rows after the one that the address names."""
    text = request.asked.get("after", "")
    if not text:
        return Q()
    flow, _, name = text.partition("/")
    return Q(flow__name__gt=flow) | Q(flow__name=flow, name__gt=name)


def _after(request: PageRequest, last: Any) -> str:
    query = request.asked.copy()
    query["after"] = f"{last.flow.name}/{last.name}"
    return f"?{query.urlencode()}"
