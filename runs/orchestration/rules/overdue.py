"""Rules about states that have lasted as long as they may."""

from __future__ import annotations

from typing import ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import Proposal, Transition
from runs.orchestration.verdicts import Abort, Reject, Verdict
from runs.states import TIMED_OUT


class OnlyPastDeadline(Rule):
    """A service ends a state only if it still holds and its time is over.

    The loop looked without a lock; meanwhile the run may have gone on.
    """

    state: ClassVar[StateType]

    def decide(self, t: Transition) -> Verdict | None:
        """Look again, under the lock."""
        if t.from_type != self.state:
            return Abort(f"The run is {t.from_type or 'without a state'} now.")
        if t.run.deadline is None or t.run.deadline > t.now:
            return Abort("The run has been given more time.")
        return None


class OnlyExpiredPauses(OnlyPastDeadline):
    """A pause that nobody ended."""

    state = StateType.PAUSED


class OnlyOverdueCancelling(OnlyPastDeadline):
    """A cancelling that nobody confirmed."""

    state = StateType.CANCELLING


class OnlyOverlongRuns(OnlyPastDeadline):
    """A run that takes longer than its deployment allows."""

    state = StateType.RUNNING


class EndTimedOut(Rule):
    """A run that was stopped because its time was over has failed."""

    leaving: ClassVar = {StateType.CANCELLING}
    entering: ClassVar = {StateType.CANCELLED}

    def decide(self, t: Transition) -> Verdict | None:
        """Put TimedOut in the place of Cancelled."""
        if t.current is None or not t.current.details.get("timed_out"):
            return None
        reason = t.current.message or "The time of the run was over."
        return Reject(
            reason, Proposal(StateType.FAILED, TIMED_OUT, reason, details=_kept(t))
        )


def _kept(t: Transition) -> dict[str, bool]:
    """Whether anybody saw the process end."""
    return {"unconfirmed": True} if t.to.details.get("unconfirmed") else {}
