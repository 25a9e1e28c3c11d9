"""The deployment list, and its run button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString

from core.dialect import THREE
from core.errors import NotFound
from core.lookups import holds
from dashboard.base.filters import chips, named, one_of
from dashboard.base.page import PageRequest, page
from dashboard.base.strips import run_strip
from dashboard.base.windows import size_of, total
from deployments import services
from deployments.launching import Wish, create_run
from deployments.models import Deployment
from deployments.reads import for_table, in_words
from runs.reads import next_starts
from runs.recent import RecentRun, newest, recent

TITLES = {"q": "name", "flow": "flow", "tag": "tag"}


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """One line of the list."""

    deployment: Any  # with `listed_schedules`
    schedules: list[str]
    last: RecentRun | None
    next: datetime | None
    strip: SafeString


@page("deployments.view", room="Deployments")
def deployments(request: PageRequest) -> HttpResponse:
    """All deployments by flow and name."""
    request.watch("runs", "deployments")
    found = Deployment.objects.visible_to(request.actor)
    asked = request.asked
    if asked.get("q"):
        text = str(asked["q"])
        found = found.filter(named(text) | named(text, column="flow__name"))
    flows = [value for value in asked.getlist("flow") if value]
    if flows:
        found = found.filter(one_of("flow", flows))
    for tag in filter(None, asked.getlist("tag")):
        found = found.filter(holds("tags", tag))
    size = size_of(asked)
    taken = list(for_table(found.filter(_behind(request)))[: size + 1])
    return request.show(
        "deployments/deployments.html",
        title="Deployments",
        parts={"deployments-list": "deployments/_list.html"},
        crumbs=[("Deployments", None)],
        total=total(found),
        chips=chips(asked, TITLES, lambda name, value: value),
        rows=_rows(taken[:size], request.now),
        next=_after(request, taken[size - 1]) if len(taken) > size else "",
    )


@page("deployments.run", room="Deployments")
def run(request: PageRequest, id: UUID) -> HttpResponseBase:
    """Make a run of a deployment with its own defaults, and say so."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = services.find(id, actor=request.actor)
    made, _ = create_run(
        found, Wish(), actor=request.actor, dialect=THREE, now=request.now
    )
    address = reverse("dashboard:run", args=[made.pk])
    said = format_html('Run <a href="{}">{}</a> is scheduled.', address, made.name)
    messages.success(request.http, said, extra_tags="completed")
    return HttpResponseRedirect(_back(request), status=303)


@page("deployments.view", room="Deployments")
def deployment(request: PageRequest, id: UUID) -> HttpResponse:
    """A deployment's address leads to its runs."""
    if not Deployment.objects.visible_to(request.actor).filter(pk=id).exists():
        raise NotFound(f"There is no deployment {id} here; it may have been deleted.")
    return HttpResponseRedirect(f"{reverse('dashboard:runs')}?deployment={id}")


def _rows(shown: list[Any], now: datetime) -> list[DeploymentRow]:
    ids = [one.pk for one in shown]
    past = recent("deployment", ids, most=20, now=now)
    starts = next_starts("deployment", ids, now)
    return [
        DeploymentRow(
            one,
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


def _back(request: PageRequest) -> str:
    """Where the button was pressed; never another host."""
    wanted = request.http.POST.get("next", "")
    here = {request.http.get_host()}
    if url_has_allowed_host_and_scheme(wanted, here):
        return wanted
    return reverse("dashboard:deployments")
