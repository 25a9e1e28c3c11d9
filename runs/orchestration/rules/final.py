"""Rules about runs that have ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from runs.orchestration.rule import FINAL, Rule, StateType
from runs.orchestration.transition import Transition
from runs.orchestration.verdicts import Abort, Accept, Reject, Verdict

_NO_RETURN = {StateType.CANCELLING, StateType.PAUSED, StateType.CRASHED}
_OVERWRITES = (
    "Cannot overwrite a COMPLETED state that carries persisted result data with one "
    "that does not."
)


def is_kept(data: Any) -> bool:
    """Whether `data` stands for a result that 2.x clients stored somewhere."""
    if data is None:
        return False
    return not isinstance(data, dict) or data.get("type") != "unpersisted"


def is_persisted(data: Any) -> bool:
    """Whether `data` is the metadata of a stored result (3.x: any such object)."""
    return isinstance(data, dict) and data.get("type") != "unpersisted"


class GuardFinalState2(Rule):
    """An ended run stays ended, unless it is run again as a whole (2.x)."""

    leaving: ClassVar = FINAL

    def decide(self, t: Transition) -> Verdict | None:
        """Refuse, or clear what belongs to the finished attempt."""
        if t.current is None:
            return None
        if t.to_type in _NO_RETURN:
            return Abort(f"Run is already in terminal state {t.current.type}.")
        is_final = t.to_type in FINAL
        if (
            t.current.type == StateType.COMPLETED
            and not is_final
            and self.has_result(t.current.data)
        ):
            return Reject("Run is already COMPLETED.")
        if t.to_type == StateType.SCHEDULED and t.run.deployment_id is None:
            return Abort("Cannot reschedule a run without an associated deployment.")
        if is_final:
            return None
        again = "reschedule" if t.to_type == StateType.SCHEDULED else None
        return Accept(policy={"resuming": False, "pause_keys": [], "retry_type": again})

    def has_result(self, data: Any) -> bool:
        """Whether running again would throw a stored result away."""
        return is_kept(data)


class GuardFinalState3(GuardFinalState2):
    """The same for 3.x clients, whose results are plain metadata."""

    def decide(self, t: Transition) -> Verdict | None:
        """Also keep a stored result from being replaced by none."""
        verdict = super().decide(t)
        return verdict if verdict is not None else KeepPersistedResult().decide(t)

    def has_result(self, data: Any) -> bool:
        """Any metadata object counts."""
        return is_persisted(data)


class KeepPersistedResult(Rule):
    """A completion without a result does not replace one with a stored result."""

    leaving: ClassVar = FINAL
    entering: ClassVar = FINAL

    def decide(self, t: Transition) -> Reject | None:
        """Compare the two results."""
        if (
            t.from_type == t.to_type == StateType.COMPLETED
            and t.current is not None
            and is_persisted(t.current.data)
            and not is_persisted(t.to.data)
        ):
            return Reject(_OVERWRITES)
        return None


class GuardFinalTask(Rule):
    """An ended task run stays ended, unless its flow runs again."""

    leaving: ClassVar = FINAL

    def decide(self, t: Transition) -> Verdict | None:
        """Refuse, or start counting attempts anew."""
        if t.current is None:
            return None
        if t.to_type in _NO_RETURN:
            return Abort(f"Run is already {t.current.type}.")
        if t.current.type == StateType.COMPLETED and is_kept(t.current.data):
            return Reject("This run is already completed.")
        if t.to_type in FINAL:
            return None
        renamed = None
        if t.to_type == StateType.RUNNING and (
            t.run.flow_run_run_count < t.run.flow_count
        ):
            renamed = replace(t.to, name="Retrying")
        return Accept(renamed, run_count=0)
