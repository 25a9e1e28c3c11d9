"""The custom run: a form from the parameter schema, when, where and how."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.dialect import THREE
from core.errors import DomainError, NotFound
from dashboard.base.page import PageRequest, page
from dashboard.deployments.acts import announce
from dashboard.deployments.detail import DeploymentDetail
from dashboard.deployments.forms import RunForm
from dashboard.deployments.views import crumbs
from dashboard.schema_forms import SchemaForm
from deployments.launching import Wish, create_run
from deployments.models import Deployment
from runs.models import FlowRun
from runs.orchestration.transition import Proposal, stamp
from runs.states import StateType

NOT_ACCEPTED = 422
PARAMETERS, JOB = "parameters", "job"


class RunDraft:
    """What is being filled in: parameters, job variables, and all the rest."""

    def __init__(
        self, request: PageRequest, deployment: Deployment, source: FlowRun | None
    ) -> None:
        self.deployment = deployment
        self.source = source
        sent = request.http.POST if request.http.method == "POST" else None
        queue = deployment.work_queue
        template = queue.pool.base_job_template if queue else {}
        self.parameters = SchemaForm(
            deployment.parameter_openapi_schema,
            name=PARAMETERS,
            zone=request.zone,
            defaults=deployment.parameters,
            values=source.parameters if source else None,
            sent=sent,
        )
        self.job = SchemaForm(
            template.get("variables"),
            name=JOB,
            zone=request.zone,
            defaults=deployment.job_variables,
            values=source.job_variables if source else None,
            sent=sent,
        )
        self.rest = RunForm(sent, deployment=deployment, source=source, request=request)
        self.refused = ""

    def obey(self, request: PageRequest) -> bool:
        """Add, remove or move a row, or show JSON; whether that was asked for."""
        sent = request.http.POST
        if "edit" in sent:
            _, _, place = sent["edit"].partition(":")
            form = self.job if place.startswith(f"{JOB}/") else self.parameters
            form.edit(sent["edit"])
            return True
        if "turn" in sent:
            name, _, view = sent["turn"].partition(":")
            (self.job if name == JOB else self.parameters).turn(view)
            return True
        return False

    def is_good(self) -> bool:
        """Whether a run can be made of it; the mistakes stand at their places."""
        rest = self.rest.is_valid()
        enforce = self.deployment.enforce_parameter_schema or bool(
            rest and self.rest.cleaned_data["enforce"]
        )
        parameters = self.parameters.check(enforce=enforce)
        return self.job.check(enforce=False) and parameters and rest

    def wish(self, now: datetime) -> Wish:
        """The run that is wanted."""
        typed = self.rest.cleaned_data
        state = Proposal(
            StateType.SCHEDULED,
            message=typed["message"] or None,
            details={"scheduled_time": stamp(typed["start"] or now)},
        )
        return Wish(
            name=typed["name"],
            state=state,
            parameters=self.parameters.values,
            enforce_parameter_schema=typed["enforce"] or None,
            tags=tuple(typed["tags"]),
            job_variables=self.job.values or None,
            work_queue_name=typed["work_queue_name"] or None,
            empirical_policy=typed["policy"],
            idempotency_key=typed["idempotency_key"] or None,
        )


@page("deployments.run", room="Deployments")
def custom_run(request: PageRequest, id: UUID) -> HttpResponseBase:
    """The form; it makes a run, or says at each field what is wrong."""
    detail = DeploymentDetail(id, request.actor, request.now)
    draft = RunDraft(request, detail.deployment, _source(request))
    if request.http.method != "POST":
        return _show(request, detail, draft)
    if draft.obey(request):
        return _show(request, detail, draft)
    if not draft.is_good():
        return _show(request, detail, draft, status=NOT_ACCEPTED)
    try:
        made, is_new = create_run(
            detail.deployment,
            draft.wish(request.now),
            actor=request.actor,
            dialect=THREE,
            now=request.now,
        )
    except DomainError as error:
        draft.refused = str(error)
        return _show(request, detail, draft, status=NOT_ACCEPTED)
    announce(request, made, is_new=is_new)
    if request.http.POST.get("do") == "open":
        return HttpResponseRedirect(
            reverse("dashboard:run", args=[made.pk]), status=303
        )
    return HttpResponseRedirect(reverse("dashboard:deployment", args=[id]), status=303)


def _show(
    request: PageRequest,
    detail: DeploymentDetail,
    draft: RunDraft,
    *,
    status: int = 200,
) -> HttpResponse:
    one = detail.deployment
    return request.show(
        "deployments/custom_run.html",
        title=f"Run {one.name} · Deployments",
        parts={"run-form": "deployments/_run_form.html"},
        status=status,
        crumbs=crumbs(one, "Custom run"),
        one=one,
        detail=detail,
        draft=draft,
        rest=draft.rest,
        wrong=status == NOT_ACCEPTED,
    )


def _source(request: PageRequest) -> FlowRun | None:
    """The run whose answers are copied."""
    asked: Any = request.asked.get("from", "")
    if not asked:
        return None
    try:
        wanted = UUID(asked)
    except ValueError as error:
        raise NotFound(f"from={asked!r} is no run's id.") from error
    found: FlowRun | None = (
        FlowRun.objects.visible_to(request.actor).filter(pk=wanted).first()
    )
    if found is None:
        raise NotFound(f"There is no flow run {wanted} to copy; it may be deleted.")
    return found
