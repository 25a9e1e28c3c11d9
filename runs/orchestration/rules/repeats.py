"""Rules about proposals that were made before."""

from __future__ import annotations

from runs.orchestration.rule import Rule
from runs.orchestration.transition import Transition
from runs.orchestration.verdicts import Already, Reject


def is_repeat(t: Transition) -> bool:
    """Whether the present state carries the proposal's own transition id."""
    ours = t.to.details.get("transition_id")
    theirs = t.current.details.get("transition_id") if t.current else None
    return ours is not None and ours == theirs


class RefuseRepeat(Rule):
    """A request sent twice makes one transition."""

    def decide(self, t: Transition) -> Reject | None:
        """Refuse the second."""
        if is_repeat(t):
            return Reject("This run has already made this state transition.")
        return None


class AnswerRepeat(Rule):
    """A task-run request sent twice is answered as the first one was."""

    def decide(self, t: Transition) -> Already | None:
        """Accept without writing."""
        if is_repeat(t):
            return Already("This run has already made this state transition.")
        return None
