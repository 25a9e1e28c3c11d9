"""Theme, addresses of the dashboards that clients print, and pages nobody has."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.errors import Invalid, NotFound
from dashboard.base.page import THEME_COOKIE, THEMES, PageRequest, page
from runs.models import TaskRun

YEAR = 365 * 24 * 3600


@page("runs.view")
def theme(request: PageRequest) -> HttpResponseBase:
    """Remember the theme in a cookie, so that the server paints it right."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    chosen = request.http.POST.get("theme", "")
    if chosen not in THEMES:
        raise Invalid(f"{chosen!r} is no theme; use one of {', '.join(THEMES)}.")
    wanted = request.http.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, {request.http.get_host()}):
        wanted = reverse("dashboard:home")
    answer = HttpResponseRedirect(wanted, status=303)
    answer.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax")
    return answer


@page("runs.view", room="Runs")
def task_run(request: PageRequest, id: UUID) -> HttpResponse:
    """A task run's address leads to its lines in its run's log."""
    task: Any = TaskRun.objects.visible_to(request.actor).filter(pk=id).first()
    if task is None:
        raise NotFound(f"There is no task run {id} here; it may have been deleted.")
    if task.flow_run_id is None:
        raise NotFound("This task ran outside of any flow; it has no page.")
    address = reverse("dashboard:run", args=[task.flow_run_id])
    return HttpResponseRedirect(f"{address}?task={id}&level=0")


def favicon(request: HttpRequest) -> HttpResponseBase:
    """The icon that browsers ask for on pages that name none."""
    return HttpResponsePermanentRedirect(static("img/favicon.svg"))


def moved(request: HttpRequest, to: str, **names: object) -> HttpResponseBase:
    """An address of another dashboard, answered with ours for good."""
    return HttpResponsePermanentRedirect(reverse(to, kwargs=names))


@page("runs.view")
def not_found(request: PageRequest, exception: Exception) -> HttpResponse:
    """The page for addresses nobody has."""
    path = request.http.path
    return request.problem(
        404, f"There is no page {path}. The address may be mistyped."
    )
