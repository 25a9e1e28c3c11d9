"""The reason panel: why a run is not simply running or done, without a click."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from dashboard.base.rows import attempts
from dashboard.looks import gist, look
from dashboard.runs.detail import RunDetail
from runs.explanations import explain, suspicion
from runs.models import TaskRun
from runs.states import AWAITING_RETRY, AWAITING_SLOT, LATE, StateType
from work_pools.why_not import why_not

PENDING_IS_LONG = 60  # seconds


@dataclass(frozen=True, slots=True)
class Reason:
    """What the panel says."""

    look: str
    heading: str
    said: str = ""
    task: TaskRun | None = None
    tries: int = 0
    flow_said: str = ""  # where it is not the same as what the task said
    until: bool = False  # show when it goes on
    why: str = ""  # address of the stored decisions


def reason(detail: RunDetail) -> Reason | None:
    """The panel's content, or nothing for a run that needs no words."""
    run = detail.run
    kind = look(run.state_type, run.state_name).kind
    why = reverse("dashboard:run-tab", args=[run.pk, "why"])
    if run.state_type in {StateType.FAILED, StateType.CRASHED}:
        return _failure(detail, kind, why)
    if run.state_type == StateType.CANCELLED:
        return Reason(kind, "This run was cancelled", detail.message, why=why)
    if run.state_type == StateType.CANCELLING:
        return Reason(kind, "This run is being cancelled", detail.message, why=why)
    if run.state_type == StateType.PAUSED:
        return Reason(kind, "This run waits to be resumed", detail.message, why=why)
    if run.state_name == AWAITING_RETRY:
        heading = f"An attempt failed; {attempts(run)}"
        return Reason(kind, heading, detail.message, until=True, why=why)
    if run.state_name == AWAITING_SLOT:
        stored = explain(run)
        said = stored[0].sentence if stored else ""
        return Reason(kind, "This run waits for a free slot", said, until=True, why=why)
    if detail.suspect_since is not None:
        said = suspicion(detail.suspect_since)
        return Reason("late", "This run may be dead", said, why=why)
    if run.state_name == LATE or _pending_for_long(detail):
        told = why_not([run], detail.now)[run.pk]
        heading = (
            "This run is late" if run.state_name == LATE else "Claimed, but not started"
        )
        said = told if run.state_name == LATE else detail.message
        return Reason(kind, heading, f"{said[:1].upper()}{said[1:]}", why=why)
    return None


def _failure(detail: RunDetail, kind: str, why: str) -> Reason:
    task = detail.first_failed
    run = detail.run
    verb = "crashed" if run.state_type == StateType.CRASHED else "failed"
    heading = f"This run {verb}"
    if run.state_type == StateType.FAILED and task is not None:
        said = _said(detail, task) or detail.message
        flow_said = "" if gist(said) in detail.message else detail.message
        tries = max(task.run_count, 1)
        return Reason(kind, "", said, task, tries, flow_said, why=why)
    return Reason(kind, heading, detail.message, why=why)


def _said(detail: RunDetail, task: TaskRun) -> str:
    states = detail.task_states.get(task.pk, [])
    found = next((s.message for s in states if s.pk == task.state_id), None)
    return found or ""


def _pending_for_long(detail: RunDetail) -> bool:
    run = detail.run
    if run.state_type != StateType.PENDING or run.state_timestamp is None:
        return False
    return (detail.now - run.state_timestamp).total_seconds() > PENDING_IS_LONG
