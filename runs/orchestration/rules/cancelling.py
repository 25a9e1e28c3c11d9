"""Rules about runs that are being cancelled."""

from __future__ import annotations

from typing import ClassVar

from runs.orchestration.rule import ANY, Rule, StateType
from runs.orchestration.transition import Proposal, Transition
from runs.orchestration.verdicts import Reject
from runs.states import RESUMING


class StayCancelling3(Rule):
    """A run that is being cancelled can only become Cancelled."""

    leaving: ClassVar = {StateType.CANCELLING}
    entering: ClassVar = ANY - {StateType.CANCELLED}

    def decide(self, t: Transition) -> Reject:
        """Refuse."""
        return Reject(
            "Cannot transition flows that are cancelling to a state other than "
            "Cancelled."
        )


class StayCancelling2(StayCancelling3):
    """For 2.x clients a cancelled run stays cancelled, too."""

    leaving: ClassVar = {StateType.CANCELLING, StateType.CANCELLED}


class CancelWithoutInfrastructure(Rule):
    """Where no process runs there is nothing to wait for: cancelled at once."""

    leaving: ClassVar = {StateType.SCHEDULED, StateType.PAUSED}
    entering: ClassVar = {StateType.CANCELLING}

    def decide(self, t: Transition) -> Reject | None:
        """Put Cancelled in the place of Cancelling."""
        if t.current is None:
            return None
        never_started = (
            t.current.type == StateType.SCHEDULED and not t.run.infrastructure_pid
        )
        if never_started or t.current.name == RESUMING:
            kind = "Scheduled"
        elif t.current.type == StateType.PAUSED and t.current.details.get(
            "pause_reschedule"
        ):
            kind = "Suspended"
        else:
            return None
        return Reject(
            f"{kind} flow run has no infrastructure to terminate.",
            Proposal(StateType.CANCELLED),
        )
