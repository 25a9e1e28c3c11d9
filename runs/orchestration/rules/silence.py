"""Rules about runs that are not heard of any more."""

from __future__ import annotations

from typing import ClassVar

from runs.orchestration.rule import ANY, Rule, StateType
from runs.orchestration.transition import Transition
from runs.orchestration.verdicts import Abort, Verdict

# a paused run has an end of its own; one that waits for its retry waits in a process
ORPHANED = {StateType.RUNNING, StateType.PENDING, StateType.SCHEDULED}


class OnlySilentRunsCrash(Rule):
    """Silence ends a run only if it still runs and is still silent.

    The loop that noticed looked without a lock; meanwhile the run may have beaten or
    ended.
    """

    leaving: ClassVar = ANY
    entering: ClassVar = {StateType.CRASHED}

    def decide(self, t: Transition) -> Verdict | None:
        """Look again, under the lock."""
        if t.from_type != StateType.RUNNING:
            return Abort(f"The run is {t.from_type or 'without a state'}, not running.")
        deadline = t.facts.silent_from()
        if deadline is None or deadline > t.now:
            return Abort("The run has been heard of in the meantime.")
        return None


class OnlyOrphansCrash(Rule):
    """A child run in the process of its parent ends with it, unless it beats."""

    leaving: ClassVar = ANY
    entering: ClassVar = {StateType.CRASHED}

    def decide(self, t: Transition) -> Verdict | None:
        """Look again, under the lock."""
        if t.from_type not in ORPHANED:
            return Abort(f"The run is {t.from_type or 'without a state'}, not running.")
        deadline = t.facts.silent_from()
        if deadline is not None and deadline > t.now:
            return Abort("The run has been heard of in the meantime.")
        return None
