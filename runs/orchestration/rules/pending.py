"""Rules about claiming a run."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import Transition
from runs.orchestration.verdicts import Abort, Accept, Verdict
from runs.states import default_name

_CARRIED = ("scheduled_time", "deployment_concurrency_lease_id")


class RefuseSecondPending2(Rule):
    """A run is claimed once."""

    leaving: ClassVar = {
        StateType.PENDING,
        StateType.CANCELLING,
        StateType.RUNNING,
        StateType.CANCELLED,
    }
    entering: ClassVar = {StateType.PENDING}

    def decide(self, t: Transition) -> Verdict | None:
        """Stop the second claimant."""
        return Abort(
            f"This run is in a {t.from_type} state and cannot transition to a PENDING "
            "state."
        )


class RefuseSecondPendingOfFreeTask(RefuseSecondPending2):
    """2.x: a task run without a flow run is claimed like a flow run."""

    def decide(self, t: Transition) -> Verdict | None:
        """Tasks of a flow are not claimed."""
        return super().decide(t) if t.run.flow_run_id is None else None


class RefuseSecondPending3(RefuseSecondPending2):
    """3.x workers tell how far a claim has got: Submitting, InfrastructurePending."""

    def decide(self, t: Transition) -> Verdict | None:
        """Let the claimant name the next step, and carry the claim's facts along."""
        plain = default_name(StateType.PENDING)
        if (
            t.current is None
            or t.current.type != StateType.PENDING
            or t.to.title in {t.current.name, plain}
        ):
            return super().decide(t)
        carried = {
            key: t.current.details[key]
            for key in _CARRIED
            if t.current.details.get(key)
        }
        if not carried:
            return None
        return Accept(replace(t.to, details={**t.to.details, **carried}))
