"""The schedule editor: three shapes, bounds, policies, and what would come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.errors import DomainError
from dashboard.base.page import PageRequest, page
from dashboard.base.spoken import in_words
from dashboard.deployments.detail import DeploymentDetail, ScheduleLine
from dashboard.deployments.schedule_form import ScheduleForm
from dashboard.deployments.views import crumbs
from dashboard.schema_forms import SchemaForm
from deployments import previews, schedules
from deployments.models import Calendar, Schedule
from deployments.scheduling.preview import Preview

NOT_ACCEPTED = 422


@dataclass(frozen=True, slots=True)
class Shown:
    """What the schedule would do, or why it cannot."""

    words: str = ""
    dates: Preview | None = None
    wrong: str = ""


class Draft:
    """A schedule that is being filled in, and the parameters of its runs."""

    def __init__(
        self, request: PageRequest, detail: DeploymentDetail, line: ScheduleLine | None
    ) -> None:
        self.detail = detail
        self.line = line
        sent = request.http.POST if request.http.method == "POST" else None
        calendars = Calendar.objects.visible_to(request.actor).order_by("name")
        self.form = ScheduleForm(
            sent,
            schedule=line.schedule if line else None,
            zone=request.zone,
            now=request.now,
            calendars=list(calendars.values_list("name", flat=True)),
        )
        one = detail.deployment
        self.parameters = SchemaForm(
            one.parameter_openapi_schema,
            name="parameters",
            zone=request.zone,
            defaults=one.parameters,
            values=line.schedule.parameters if line else None,
            sent=sent,
        )

    def is_good(self) -> bool:
        """Whether it can be stored; required parameters may come from elsewhere."""
        parameters = self.parameters.check(enforce=False)
        return self.form.is_valid() and parameters

    def preview(self, request: PageRequest) -> Shown:
        """The next dates of what is typed, or of what is stored."""
        id, now = self.detail.deployment.pk, request.now
        row = self.line.schedule if self.line else None
        if not self.form.is_bound:
            if row is None:
                return Shown()
            found = previews.of_schedule(id, row.pk, actor=request.actor, now=now)
            return Shown(in_words(row.schedule), found)
        if not self.form.is_valid():
            said = self.form.errors.get_json_data()
            first = next(iter(said.values()))[0]["message"]
            return Shown(wrong=str(first))
        try:
            found = previews.of_draft(
                id,
                self.form.columns,
                schedule_id=row.pk if row else None,
                actor=request.actor,
                now=now,
            )
        except DomainError as error:
            return Shown(wrong=str(error))
        return Shown(in_words(self.form.shape), found)


@page("deployments.change", room="Deployments")
def new(request: PageRequest, id: UUID) -> HttpResponseBase:
    """A form for another schedule."""
    draft = Draft(request, DeploymentDetail(id, request.actor, request.now), None)

    def add() -> Schedule:
        (made,) = schedules.add(
            id,
            [{**draft.form.columns, "parameters": draft.parameters.values}],
            actor=request.actor,
            now=request.now,
        )
        return made

    return _answer(request, draft, add)


@page("deployments.change", room="Deployments")
def edit(request: PageRequest, id: UUID, schedule_id: UUID) -> HttpResponseBase:
    """A form for one of the schedules."""
    detail = DeploymentDetail(id, request.actor, request.now)
    draft = Draft(request, detail, detail.schedule(schedule_id))

    def change() -> Schedule:
        return schedules.amend(
            id,
            schedule_id,
            {**draft.form.columns, "parameters": draft.parameters.values},
            actor=request.actor,
            now=request.now,
        )

    return _answer(request, draft, change)


def _answer(
    request: PageRequest, draft: Draft, store: Callable[[], Schedule]
) -> HttpResponseBase:
    sent = request.http.POST
    if request.http.method != "POST" or draft.parameters.obey(sent):
        return _show(request, draft)
    if "preview" in sent:
        return _show(request, draft)
    if not draft.is_good():
        return _show(request, draft, status=NOT_ACCEPTED)
    try:
        made = store()
    except DomainError as error:
        return _show(request, draft, status=NOT_ACCEPTED, refused=str(error))
    words = in_words(made.schedule)
    messages.success(request.http, f"The schedule is stored: {words}.")
    id = draft.detail.deployment.pk
    return HttpResponseRedirect(
        reverse("dashboard:deployment-tab", args=[id, "schedules"]), status=303
    )


def _show(
    request: PageRequest, draft: Draft, *, status: int = 200, refused: str = ""
) -> HttpResponse:
    one = draft.detail.deployment
    heading = f"Edit {draft.line.title}" if draft.line else "New schedule"
    parts = {"schedule-preview": "deployments/_schedule_preview.html"}
    if "preview" not in request.http.POST:
        parts["schedule-form"] = "deployments/_schedule_form.html"
    return request.show(
        "deployments/schedule.html",
        title=f"{heading} · {one.name}",
        parts=parts if request.wants_parts else {**parts, **WHOLE},
        status=status,
        crumbs=crumbs(one, heading),
        heading=heading,
        one=one,
        draft=draft,
        form=draft.form,
        preview=draft.preview(request),
        zones=_zones(request, draft),
        refused=refused,
        wrong=status == NOT_ACCEPTED,
    )


WHOLE = {
    "schedule-form": "deployments/_schedule_form.html",
    "schedule-preview": "deployments/_schedule_preview.html",
}


def _zones(request: PageRequest, draft: Draft) -> list[str]:
    """Zones to choose from: mine, UTC and those in use first."""
    used = [
        str(line.schedule.schedule.get("timezone") or "UTC")
        for line in draft.detail.schedules
    ]
    first = dict.fromkeys([request.zone.key, "UTC", *used])
    rest = sorted(name for name in available_timezones() if "/" in name)
    return [*first, *(name for name in rest if name not in first)]
