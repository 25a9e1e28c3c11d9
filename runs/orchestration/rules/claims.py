"""Rules about who may start a claimed run, and for how long the claim counts."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from core.conf import conf
from runs.orchestration.rule import ANY, Rule, StateType
from runs.orchestration.transition import Proposal, Transition, stamp
from runs.orchestration.verdicts import Abort, Accept, Reject, Verdict


class RefuseLostClaim(Rule):
    """An agent whose claim ran out is told who has the run now."""

    leaving: ClassVar = {StateType.PENDING, StateType.RUNNING}
    entering: ClassVar = {StateType.PENDING}

    def decide(self, t: Transition) -> Abort | None:
        """Name the other."""
        if t.claim is None or not t.run.reclaims:
            return None
        t.facts.note("claimed_by", t.run.claimed_by)
        taken = "taken" if t.from_type == StateType.PENDING else "started"
        by = f"agent {t.run.claimed_by}" if t.run.claimed_by else "somebody else"
        return Abort(
            f"The claim of agent {t.claim.agent} ran out, and {by} has {taken} the run "
            "since."
        )


class RefuseLateStart(Rule):
    """The first start wins, also on a claim that ran out; a second one is too late.

    Only where a run was given back: others may have been handed the same run since.
    """

    leaving: ClassVar = {StateType.RUNNING}
    entering: ClassVar = {StateType.RUNNING}

    def decide(self, t: Transition) -> Abort | None:
        """Stop it before anything runs twice."""
        if not t.run.reclaims:
            return None
        t.facts.note("claimed_by", t.run.claimed_by)
        by = f"agent {t.run.claimed_by}" if t.run.claimed_by else "somebody else"
        return Abort(
            f"The claim that this start belongs to ran out, and {by} has started the "
            "run since."
        )


class GiveBackLapsedClaim(Rule):
    """A run that was claimed and never started waits for others, but not for ever."""

    leaving: ClassVar = ANY
    entering: ClassVar = {StateType.SCHEDULED}

    def decide(self, t: Transition) -> Verdict | None:
        """Look again, under the lock; count, and fail the run after the last try."""
        if t.from_type != StateType.PENDING or t.current is None:
            return Abort(f"The run is {t.from_type or 'without a state'}, not claimed.")
        ends = t.run.claim_expires or t.current.timestamp + conf.claim_expiry
        if ends > t.now:
            return Abort("The claim was renewed in the meantime.")
        tries = t.run.reclaims + 1
        t.facts.note("claimed_by", t.run.claimed_by)
        t.facts.note("claim_expired", stamp(ends))
        t.facts.note("tries", tries)
        if tries > conf.most_reclaims:
            reason = (
                f"The run was claimed {tries} times and never started; last "
                f"{by_whom(t.run.claimed_by)}, whose claim ran out at {clock(ends)}."
            )
            return Reject(reason, Proposal(StateType.FAILED, message=reason))
        return Accept(columns={"reclaims": tries, "infrastructure_pid": None})


def by_whom(agent: str | None) -> str:
    """Who claimed, in words."""
    return f"by agent {agent}" if agent else "by a worker that told no name"


def clock(at: datetime) -> str:
    """A time of day, in words."""
    return f"{at:%H:%M:%S} UTC"
