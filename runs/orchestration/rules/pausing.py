"""Rules about pausing and suspending flow runs."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from runs.orchestration.rule import ANY, FINAL, Rule, StateType
from runs.orchestration.transition import Proposal, Transition, moment
from runs.orchestration.verdicts import Abort, Accept, Reject, Verdict
from runs.states import SUSPENDED

_WAYS_OUT = {StateType.RUNNING, StateType.SCHEDULED, *FINAL}
_RESUMING = {"resuming": True}  # the next start is no new attempt


class GuardPause(Rule):
    """Only a running flow pauses, and each pause fires once."""

    entering: ClassVar = {StateType.PAUSED}

    def decide(self, t: Transition) -> Verdict | None:
        """Refuse, or remember the key of this pause."""
        verb = "suspend" if t.to.title == SUSPENDED else "pause"
        if t.current is None:
            return Abort(f"Cannot {verb} flows with no state.")
        if t.current.type != StateType.RUNNING:
            return Reject(f"Cannot {verb} flows that are not currently running.")
        fired = list(t.run.policy.get("pause_keys") or [])
        key = t.to.details.get("pause_key") or str(uuid4())
        if key in fired:
            return Reject(f"This {verb} has already fired.")
        if t.to.details.get("pause_reschedule"):
            if t.run.parent_task_run_id:
                return Abort(f"Cannot {verb} subflows.")
            if t.run.deployment_id is None:
                return Abort(f"Cannot {verb} flows without a deployment.")
        return Accept(policy={"pause_keys": [*fired, key]})


class LeavePause3(Rule):
    """A paused run goes on, ends, or has waited too long."""

    leaving: ClassVar = {StateType.PAUSED}
    entering: ClassVar = ANY
    allowed: ClassVar = {*_WAYS_OUT, StateType.CANCELLING}

    def decide(self, t: Transition) -> Verdict | None:
        """Refuse other ways, fail what timed out, remember that the run resumes."""
        if t.current is None:
            return None
        if t.to_type not in self.allowed:
            return Reject(
                f"This run cannot transition to the StateType.{t.to_type} state from "
                f"the StateType.{t.from_type} state.",
                afterwards=_RESUMING,
            )
        if t.to_type == StateType.CANCELLING:
            return Accept(afterwards=_RESUMING)
        verb = "suspend" if t.to.title == SUSPENDED else "pause"
        if t.current.details.get("pause_reschedule") and t.run.deployment_id is None:
            return Reject(
                f"Cannot reschedule a {t.to.title.lower()} flow run without a "
                "deployment.",
                afterwards=_RESUMING,
            )
        deadline = moment(t.current.details.get("pause_timeout"))
        if deadline is not None and deadline < t.now:
            return Reject(
                f"The flow run {verb} has timed out and can no longer resume.",
                Proposal(
                    StateType.FAILED,
                    message=f"The flow was {t.to.title.lower()} and never resumed.",
                ),
                afterwards=_RESUMING,
            )
        return Accept(afterwards=_RESUMING)


class LeavePause2(LeavePause3):
    """2.x refuses to cancel a pause whose process is alive."""

    allowed: ClassVar = _WAYS_OUT
