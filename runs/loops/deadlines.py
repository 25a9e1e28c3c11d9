"""Loops over states that have lasted as long as they may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from core.actor import SERVICE
from core.conf import conf
from core.loops import Loop, seconds
from runs.models import FlowRun
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.policies import Policy
from runs.orchestration.policies.special import (
    CONFIRM_CANCELLING,
    EXPIRE_PAUSE,
    STOP_OVERLONG,
)
from runs.orchestration.transition import Because, Proposal
from runs.states import StateType


class ExpiredPauses(Loop):
    """Fail paused runs that nobody resumed in time."""

    name, interval, batch = "expired-pauses", seconds(5), 200
    state: ClassVar = StateType.PAUSED
    policy: ClassVar[Policy] = EXPIRE_PAUSE

    def tick(self, now: datetime) -> bool:
        """End the most overdue; the run may have gone on meanwhile."""
        rows = FlowRun.objects.over(self.state, now).exclude(pk__in=self.put_off(now))
        rows = rows.select_related("deployment")
        due = {run.pk: run for run in rows[: self.batch]}
        self.each(due, lambda id: self.end(due[id], now), now=now)
        return len(due) == self.batch

    def lag(self, now: datetime) -> timedelta | None:
        """How long the most overdue has waited."""
        oldest = FlowRun.objects.over(self.state, now).only("deadline").first()
        return now - oldest.deadline if oldest and oldest.deadline else None

    def end(self, run: FlowRun, now: datetime) -> None:
        """Propose what follows."""
        proposal, because = self.step(run)
        propose_flow_run(
            run.pk,
            proposal,
            actor=SERVICE,
            policy=self.policy,
            because=because,
            now=now,
        )

    def step(self, run: FlowRun) -> tuple[Proposal, Because]:
        """The next state, and why."""
        message = "The flow was paused and never resumed."
        facts = {"pause_timeout": str(run.deadline)}
        because = Because(type(self).__name__, message, facts)
        return Proposal(StateType.FAILED, message=message), because


class CancellingDeadline(ExpiredPauses):
    """Call runs cancelled whose end nobody confirmed."""

    name, interval, batch = "cancelling-deadline", seconds(5), 200
    state = StateType.CANCELLING
    policy = CONFIRM_CANCELLING

    def step(self, run: FlowRun) -> tuple[Proposal, Because]:
        """Cancelled, with a mark that the process may live."""
        message = "Flow run cancellation timed out; marked this flow run as Cancelled."
        reason = (
            f"Nobody confirmed within {conf.cancelling_timeout.total_seconds():g} s "
            "that the process of the run has ended: its infrastructure is unconfirmed."
        )
        because = Because(type(self).__name__, reason, {"unconfirmed": True})
        details = {"unconfirmed": True}
        return Proposal(StateType.CANCELLED, message=message, details=details), because


class RunTimeLimit(ExpiredPauses):
    """Stop runs that take longer than their deployment allows."""

    name, interval, batch = "run-time-limit", seconds(5), 200
    state = StateType.RUNNING
    policy = STOP_OVERLONG

    def step(self, run: FlowRun) -> tuple[Proposal, Because]:
        """Cancelling, so that whoever has the process ends it; then TimedOut."""
        began, ends = run.state_timestamp, run.deadline
        most = (ends - began).total_seconds() if began and ends else 0.0
        name = run.deployment.name if run.deployment else "none"
        message = (
            f"The run was stopped after {most:g} s, the longest that deployment "
            f"{name} lets it run."
        )
        facts = {"deployment": {"id": str(run.deployment_id), "name": name}}
        because = Because(type(self).__name__, message, facts)
        details = {"timed_out": True}
        return Proposal(StateType.CANCELLING, message=message, details=details), because
