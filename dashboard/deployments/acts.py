"""What one press does to a deployment: run, hold, release, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html

from core.dialect import THREE
from dashboard.base.page import PageRequest, page
from dashboard.deployments.detail import DeploymentDetail
from dashboard.deployments.forms import HoldForm
from dashboard.deployments.views import crumbs
from deployments import holds, schedules, services
from deployments.launching import Wish, create_run
from runs.models import FlowRun


@page("deployments.run", room="Deployments")
def quick_run(request: PageRequest, id: UUID) -> HttpResponseBase:
    """Make a run of a deployment with its own defaults, and say so."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = services.find(id, actor=request.actor)
    made, _ = create_run(
        found, Wish(), actor=request.actor, dialect=THREE, now=request.now
    )
    announce(request, made)
    return HttpResponseRedirect(request.back_or("dashboard:deployments"), status=303)


def announce(request: PageRequest, made: FlowRun, *, is_new: bool = True) -> None:
    """Say on the next page that a run was made, with a link to it."""
    address = reverse("dashboard:run", args=[made.pk])
    what = "is scheduled" if is_new else "was made before with this idempotency key"
    said = format_html('Run <a href="{}">{}</a> {}.', address, made.name, what)
    messages.success(request.http, said, extra_tags="completed")


@page("deployments.change", room="Deployments")
def hold(
    request: PageRequest, id: UUID, schedule_id: UUID | None = None
) -> HttpResponseBase:
    """Ask for a reason, then let the deployment or one of its schedules rest."""
    detail = DeploymentDetail(id, request.actor, request.now)
    line = detail.schedule(schedule_id) if schedule_id else None
    form = HoldForm(request.http.POST or None)
    back = _tab(id, "schedules" if line else "")
    name = line.title if line else detail.deployment.name
    if request.http.method == "POST" and form.is_valid():
        holds.hold(
            id,
            schedule_id=schedule_id,
            reason=form.cleaned_data["reason"],
            actor=request.actor,
            now=request.now,
        )
        messages.success(request.http, f"{name} is on hold.")
        return HttpResponseRedirect(back, status=303)
    return request.confirm(
        heading=f"Hold {name}?",
        said=[
            "It makes no runs until somebody releases it, whatever is deployed. "
            "Planned runs that nobody touched are taken back; those that are due wait."
        ],
        act="Hold",
        back=back,
        crumbs=crumbs(detail.deployment, "Hold"),
        form=form,
        status=422 if form.errors else 200,
    )


@page("deployments.change", room="Deployments")
def release(
    request: PageRequest, id: UUID, schedule_id: UUID | None = None
) -> HttpResponseBase:
    """Let it work again."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    holds.release(id, schedule_id=schedule_id, actor=request.actor, now=request.now)
    messages.success(request.http, "It is released and makes runs from now on.")
    return HttpResponseRedirect(
        _tab(id, "schedules" if schedule_id else ""), status=303
    )


def _tab(id: UUID, tab: str) -> str:
    if not tab:
        return reverse("dashboard:deployment", args=[id])
    return reverse("dashboard:deployment-tab", args=[id, tab])


@page("deployments.change", room="Deployments")
def revert(request: PageRequest, id: UUID, schedule_id: UUID) -> HttpResponseBase:
    """Give a schedule back what the code says."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    schedules.revert(id, schedule_id, actor=request.actor, now=request.now)
    messages.success(request.http, "The schedule is as the code says again.")
    return HttpResponseRedirect(_tab(id, "schedules"), status=303)


@page("deployments.change", room="Deployments")
def delete(request: PageRequest, id: UUID) -> HttpResponseBase:
    """Ask, then forget a deployment; its runs that began stay."""
    detail = DeploymentDetail(id, request.actor, request.now)
    one = detail.deployment
    if request.http.method == "POST":
        services.delete(id, actor=request.actor)
        messages.success(request.http, f"Deployment {one.name} is deleted.")
        return HttpResponseRedirect(reverse("dashboard:deployments"), status=303)
    count = len(detail.schedules)
    kept = FlowRun.objects.visible_to(request.actor).filter(deployment=id)
    return request.confirm(
        heading=f"Delete {one.name}?",
        said=[
            f"Its {count} schedule{'' if count == 1 else 's'} and the "
            f"{detail.upcoming.count():,} runs that have not started go with it.",
            f"{kept.count() - detail.upcoming.count():,} runs that have begun stay, "
            "without their deployment.",
        ],
        act="Delete deployment",
        back=reverse("dashboard:deployment", args=[id]),
        crumbs=crumbs(one, "Delete"),
        is_grave=True,
    )


@page("deployments.change", room="Deployments")
def delete_schedule(
    request: PageRequest, id: UUID, schedule_id: UUID
) -> HttpResponseBase:
    """Ask, then take a schedule away with what it planned."""
    detail = DeploymentDetail(id, request.actor, request.now)
    line = detail.schedule(schedule_id)
    back = reverse("dashboard:deployment-tab", args=[id, "schedules"])
    if request.http.method == "POST":
        schedules.remove(id, schedule_id, actor=request.actor, now=request.now)
        messages.success(request.http, f"The schedule {line.title} is deleted.")
        return HttpResponseRedirect(back, status=303)
    planned = detail.upcoming.filter(schedule_identity=line.schedule.identity)
    return request.confirm(
        heading="Delete this schedule?",
        said=[
            f"{line.words}.",
            f"{planned.count():,} planned runs go with it; what is due stays.",
        ],
        act="Delete schedule",
        back=back,
        crumbs=crumbs(detail.deployment, "Delete schedule"),
        is_grave=True,
    )
