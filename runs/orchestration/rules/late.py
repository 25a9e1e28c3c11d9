"""Rules about runs whose start has passed."""

from __future__ import annotations

from typing import ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import Proposal, Transition
from runs.orchestration.verdicts import Reject, Verdict
from runs.states import LATE


class OnlyScheduledRunsAreLate2(Rule):
    """Late is a name for scheduled runs."""

    entering: ClassVar = {StateType.SCHEDULED}

    def decide(self, t: Transition) -> Verdict | None:
        """Refuse to call anything else late."""
        if t.to.title == LATE and t.from_type != StateType.SCHEDULED:
            return Reject("Only scheduled flows can be marked late.")
        return None


class OnlyScheduledRunsAreLate3(OnlyScheduledRunsAreLate2):
    """And only once."""

    def decide(self, t: Transition) -> Verdict | None:
        """Refuse to call a late run late again; a run without a state may be."""
        verdict = super().decide(t) if t.current is not None else None
        if verdict is not None:
            return verdict
        if t.to.title == LATE and t.current is not None and t.current.name == LATE:
            return Reject("This flow run is already marked late.")
        return None


class CancelNewWhenLate(Rule):
    """A late run of a full deployment is cancelled if its deployment says so."""

    leaving: ClassVar = {StateType.SCHEDULED}
    entering: ClassVar = {StateType.SCHEDULED}

    def decide(self, t: Transition) -> Verdict | None:
        """Cancel where new runs are to be dropped."""
        if t.to.title != LATE or not t.run.limit_id:
            return None
        options = t.run.concurrency_options or {}
        if options.get("collision_strategy") != "CANCEL_NEW":
            return None
        limit = t.facts.deployment_limit()
        if limit is None or limit.in_use < limit.limit:
            return None
        reason = "Deployment concurrency limit reached."
        return Reject(reason, Proposal(StateType.CANCELLED, message=reason))
