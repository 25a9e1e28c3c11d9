"""What one press does to a run; the rules of its states decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.errors import Conflict
from dashboard.base.page import PageRequest, page
from dashboard.runs.detail import RunDetail
from dashboard.schema_forms import SchemaForm
from runs import services
from runs.models import FlowRun, RunInput
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Outcome, Proposal, stamp
from runs.states import AWAITING_RETRY, FINAL, PROBLEM, SUSPENDED, StateType

NOT_ACCEPTED = 422
SUSPENDED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Act:
    """A button: what it says, what it asks, which runs it is for."""

    key: str
    title: str
    said: str  # asked before; empty: done at once
    done: str
    states: frozenset[StateType]
    shortcut: str = ""
    is_main: bool = False
    is_grave: bool = False
    needs_deployment: bool = False

    def is_for(self, run: FlowRun) -> bool:
        """Whether the page of the run offers it."""
        fits = run.state_type in self.states
        return fits and (run.deployment_id is not None or not self.needs_deployment)


ACTS = (
    Act(
        "start",
        "Run now",
        "",
        "is due now",
        frozenset({StateType.SCHEDULED}),
        is_main=True,
        needs_deployment=True,
    ),
    Act("resume", "Resume", "", "goes on", frozenset({StateType.PAUSED}), "p", True),
    Act(
        "retry",
        "Retry",
        "The same run is executed once more, with the same parameters; tasks whose "
        "results are stored are not run again.",
        "is tried again",
        frozenset({*PROBLEM, StateType.CANCELLED}),
        "r",
        is_main=True,
        needs_deployment=True,
    ),
    Act(
        "suspend",
        "Suspend",
        "Its process ends at the next task; when it is resumed, a new one goes on from "
        "there.",
        "is suspended",
        frozenset({StateType.RUNNING}),
        "p",
        needs_deployment=True,
    ),
    Act(
        "cancel",
        "Cancel",
        "",
        "is being cancelled",
        frozenset(
            {
                StateType.SCHEDULED,
                StateType.PENDING,
                StateType.RUNNING,
                StateType.PAUSED,
            }
        ),
        "c",
        is_grave=True,
    ),
    Act(
        "force-cancel",
        "Force cancel",
        "It is marked Cancelled at once. Nobody has confirmed that its process has "
        "ended; it may still be at work.",
        "is cancelled",
        frozenset({StateType.CANCELLING}),
        "c",
        is_grave=True,
    ),
)
BY_KEY: Mapping[str, Act] = {act.key: act for act in ACTS}


def offered(run: FlowRun) -> list[Act]:
    """The acts for a run in its state."""
    return [act for act in ACTS if act.is_for(run)]


@page("runs.set_state", room="Runs")
def act(request: PageRequest, id: UUID, act: str) -> HttpResponseBase:
    """Ask where something is lost, then propose; a refusal is explained."""
    wanted = BY_KEY[act]
    detail = RunDetail(id, request.actor, request.now)
    asks = wanted.said or act == "cancel"
    inputs = _inputs(request, detail) if act == "resume" else None
    if request.http.method != "POST":
        if not asks and inputs is None:
            return HttpResponseNotAllowed(["POST"])
        return _ask(request, detail, wanted, inputs)
    if inputs is not None and not _is_answered(request, inputs):
        wrong = "edit" not in request.http.POST and "turn" not in request.http.POST
        return _ask(request, detail, wanted, inputs, wrong=wrong)
    outcome = _carry_out(request, detail, wanted, inputs)
    if outcome.status != "ACCEPT" and not outcome.written:
        raise Conflict(
            f"{detail.run.name} could not be changed: {outcome.reason or 'refused'}"
        )
    said = outcome.reason or f"Run {detail.run.name} {wanted.done}."
    messages.success(request.http, said)
    return HttpResponseRedirect(request.back_or("dashboard:run", id), status=303)


def _carry_out(
    request: PageRequest, detail: RunDetail, wanted: Act, inputs: SchemaForm | None
) -> Outcome:
    if wanted.key == "resume":
        given = inputs.values if inputs else None
        return services.resume(
            detail.run.pk, given, actor=request.actor, now=request.now
        )
    return propose_flow_run(
        detail.run.pk,
        _proposal(wanted, request.now),
        actor=request.actor,
        force=wanted.key == "force-cancel",
        now=request.now,
    )


def _proposal(wanted: Act, now: datetime) -> Proposal:
    details: dict[str, Any]
    match wanted.key:
        case "start":
            details = {"scheduled_time": stamp(now)}
            return Proposal(StateType.SCHEDULED, details=details)
        case "retry":
            details = {"scheduled_time": stamp(now)}
            return Proposal(StateType.SCHEDULED, AWAITING_RETRY, details=details)
        case "suspend":
            details = {
                "pause_reschedule": True,
                "pause_timeout": stamp(now + SUSPENDED_FOR),
            }
            return Proposal(StateType.PAUSED, SUSPENDED, details=details)
        case "force-cancel":
            return Proposal(StateType.CANCELLED, message="Cancelled without waiting")
    return Proposal(StateType.CANCELLING, message="Cancelled on its page")


def _inputs(request: PageRequest, detail: RunDetail) -> SchemaForm | None:
    """The form of what a paused run waits for, if it waits for anything."""
    keys = (detail.state.details if detail.state else {}).get("run_input_keyset")
    if not keys or detail.run.state_type in FINAL:
        return None
    found = RunInput.objects.filter(
        flow_run=detail.run.pk, key__in=[keys.get("schema"), keys.get("description")]
    )
    stored = {one.key: one.value for one in found}
    schema = _loaded(stored.get(keys.get("schema"), ""))
    sent = request.http.POST if request.http.method == "POST" else None
    form = SchemaForm(schema, name="input", zone=request.zone, sent=sent)
    form.description = str(_loaded(stored.get(keys.get("description"), "")) or "")
    return form


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _is_answered(request: PageRequest, inputs: SchemaForm) -> bool:
    sent = request.http.POST
    if "edit" in sent:
        inputs.edit(sent["edit"])
        return False
    if "turn" in sent:
        inputs.turn(sent["turn"].partition(":")[2])
        return False
    return inputs.check()


def _ask(
    request: PageRequest,
    detail: RunDetail,
    wanted: Act,
    inputs: SchemaForm | None,
    *,
    wrong: bool = False,
) -> HttpResponse:
    run = detail.run
    back = reverse("dashboard:run", args=[run.pk])
    said = [wanted.said] if wanted.said else []
    if wanted.key == "cancel":
        said = _cancelling(detail)
    if inputs is not None and inputs.description:
        said.append(inputs.description)
    return request.confirm(
        heading=f"{wanted.title} {run.name}{'' if inputs else '?'}",
        said=said,
        act=f"{wanted.title} run" if inputs is None else "Answer and resume",
        back=back,
        crumbs=[
            ("Runs", reverse("dashboard:runs")),
            (run.name, back),
            (wanted.title, None),
        ],
        is_grave=wanted.is_grave,
        inputs=inputs,
        status=NOT_ACCEPTED if wrong else 200,
    )


def _cancelling(detail: RunDetail) -> list[str]:
    """What cancelling does to a run as it is now."""
    run = detail.run
    open_children = [child for child in detail.children if not child.is_final]
    if run.state_type == StateType.SCHEDULED:
        return ["It has not started, and never will."]
    said = [
        "Whoever runs it is told to end its process; it is Cancelled when that has "
        "happened."
        if run.state_type in {StateType.PENDING, StateType.RUNNING}
        else "It is not resumed any more."
    ]
    if open_children:
        names = ", ".join(child.name for child in open_children[:5])
        more = f" and {len(open_children) - 5} more" if len(open_children) > 5 else ""
        said.append(f"So are the runs that it started: {names}{more}.")
    return said
