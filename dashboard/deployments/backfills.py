"""Back-fills: a form that looks before it starts, and the page of each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.errors import Conflict, DomainError, NotFound
from dashboard.base.page import PageRequest, page
from dashboard.base.rows import rows_of
from dashboard.base.windows import Window
from dashboard.deployments.backfill_line import BackfillLine, lines
from dashboard.deployments.detail import DeploymentDetail
from dashboard.deployments.forms import BackfillForm
from dashboard.deployments.views import crumbs
from dashboard.schema_forms import SchemaForm
from deployments.models import Backfill
from deployments.scheduling import backfill as verbs
from runs.models import FlowRun
from runs.reads import for_table

NOT_ACCEPTED = 422
LISTED = 10  # dates in the preview
BUTTONS = {
    "pause": (verbs.pause, "The back-fill is paused; what began goes on."),
    "resume": (verbs.resume, "The back-fill goes on."),
}


class Draft:
    """A back-fill that is being filled in."""

    def __init__(self, request: PageRequest, detail: DeploymentDetail) -> None:
        if not detail.schedules:
            raise Conflict(
                f"{detail.deployment.name} has no schedule whose dates could be filled "
                "in: add one first."
            )
        self.detail = detail
        sent = request.http.POST if request.http.method == "POST" else None
        first = str(detail.schedules[0].schedule.pk)
        self.form = BackfillForm(
            sent,
            schedules=[(str(one.schedule.pk), one.title) for one in detail.schedules],
            chosen=request.asked.get("schedule", first),
            request=request,
        )
        one = detail.deployment
        self.parameters = SchemaForm(
            one.parameter_openapi_schema,
            name="parameters",
            zone=request.zone,
            defaults=one.parameters,
            sent=sent,
        )
        self.found: verbs.DryRun | None = None
        self.refused = ""

    def is_good(self) -> bool:
        """Whether it can be started; the mistakes stand at their places."""
        parameters = self.parameters.check(enforce=False)
        return self.form.is_valid() and parameters

    @property
    def span(self) -> verbs.Span:
        """What was typed."""
        return self.form.span(self.parameters.values)

    @property
    def first(self) -> list[object]:
        """The first dates that would get a run."""
        return list(self.found.first[:LISTED]) if self.found else []

    def look(self, request: PageRequest) -> None:
        """See what would be made of what was typed."""
        if not self.is_good():
            return
        id = self.detail.deployment.pk
        try:
            self.found = verbs.dry_run(id, self.span, actor=request.actor)
        except DomainError as error:
            self.refused = str(error)


@page("deployments.run", room="Deployments")
def new(request: PageRequest, id: UUID) -> HttpResponseBase:
    """A form for a span of the past; it says what would be made before it is."""
    draft = Draft(request, DeploymentDetail(id, request.actor, request.now))
    sent = request.http.POST
    if request.http.method != "POST" or draft.parameters.obey(sent):
        return _show(request, draft)
    if "preview" in sent:
        draft.look(request)
        return _show(request, draft)
    if not draft.is_good():
        return _show(request, draft, status=NOT_ACCEPTED)
    try:
        made = verbs.start(id, draft.span, actor=request.actor, now=request.now)
    except DomainError as error:
        draft.refused = str(error)
        return _show(request, draft, status=NOT_ACCEPTED)
    messages.success(request.http, "The back-fill has begun.")
    return _there(made.pk)


@page("deployments.view", room="Deployments")
def backfill(request: PageRequest, id: UUID) -> HttpResponse:
    """How far it is, and its runs."""
    if not request.asked.get("before"):
        request.watch("deployments", "runs")
    line, detail = _find(request, id)
    mine = FlowRun.objects.visible_to(request.actor).filter(
        deployment=detail.deployment.pk, backfill_id=id
    )
    window = Window(for_table(mine.by_start()), request.asked, by="started")
    return request.show(
        "deployments/backfill.html",
        title=f"Back-fill of {detail.deployment.name} · Deployments",
        parts={
            "backfill-header": "deployments/_backfill_header.html",
            "backfill-runs": "deployments/_backfill_runs.html",
        },
        more="runs/_more.html",
        crumbs=crumbs(detail.deployment, "Back-fill"),
        one=detail.deployment,
        line=line,
        window=window,
        rows=rows_of(window.rows),
    )


@page("deployments.run", room="Deployments")
def press(request: PageRequest, id: UUID, verb: str) -> HttpResponseBase:
    """Pause it, or let it go on."""
    if request.http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    do, said = BUTTONS[verb]
    do(id, actor=request.actor, now=request.now)
    messages.success(request.http, said)
    return _there(id)


@page("deployments.run", room="Deployments")
def cancel(request: PageRequest, id: UUID) -> HttpResponseBase:
    """Ask, then make no more and stop what has not ended."""
    line, detail = _find(request, id)
    if request.http.method == "POST":
        verbs.cancel(id, actor=request.actor, now=request.now)
        messages.success(request.http, "The back-fill is cancelled.")
        return _there(id)
    return request.confirm(
        heading="Cancel this back-fill?",
        said=[
            f"{line.made - line.ended:,} of its runs have not ended and are cancelled.",
            f"{line.ended:,} have ended and stay as they are.",
        ],
        act="Cancel back-fill",
        back=reverse("dashboard:backfill", args=[id]),
        crumbs=crumbs(detail.deployment, "Cancel back-fill"),
        is_grave=True,
    )


def _find(request: PageRequest, id: UUID) -> tuple[BackfillLine, DeploymentDetail]:
    row = Backfill.objects.visible_to(request.actor).filter(pk=id).first()
    if row is None:
        raise NotFound(f"There is no back-fill {id} here; it went with its deployment.")
    detail = DeploymentDetail(row.deployment_id, request.actor, request.now)
    titles = {line.schedule.identity: line.title for line in detail.schedules}
    (line,) = lines([row], titles)
    return line, detail


def _there(id: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("dashboard:backfill", args=[id]), status=303)


def _show(request: PageRequest, draft: Draft, *, status: int = 200) -> HttpResponse:
    one = draft.detail.deployment
    parts = {"backfill-preview": "deployments/_backfill_preview.html"}
    if not (request.wants_parts and "preview" in request.http.POST):
        parts["backfill-form"] = "deployments/_backfill_form.html"
    return request.show(
        "deployments/new_backfill.html",
        title=f"Back-fill {one.name} · Deployments",
        parts=parts,
        status=status,
        crumbs=crumbs(one, "Back-fill"),
        one=one,
        draft=draft,
        form=draft.form,
        wrong=status == NOT_ACCEPTED,
    )
