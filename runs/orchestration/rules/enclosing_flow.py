"""Rules about the flow around a task."""

from __future__ import annotations

from typing import ClassVar

from runs.orchestration.rule import FINAL, Rule, StateType
from runs.orchestration.transition import Proposal, Transition
from runs.orchestration.verdicts import Abort, Reject, Verdict
from runs.states import NOT_READY

_COPIED = ("pause_timeout", "pause_reschedule")


class RequireRunningFlow(Rule):
    """A task starts only while its flow runs.

    A crash that the server inferred from silence does not count: the flow may live.
    """

    entering: ClassVar = {StateType.RUNNING}

    def decide(self, t: Transition) -> Verdict | None:
        """Stop the task, or tell it that the flow is paused."""
        if t.run.flow_run_id is None or t.run.flow_type == StateType.RUNNING:
            return None
        if t.run.flow_type == StateType.CRASHED and t.facts.flow_state().is_inferred:
            return None
        if t.run.flow_type != StateType.PAUSED:
            t.facts.note("flow_run", t.run.flow_name)
            t.facts.note("flow_run_state", t.run.flow_type)
            return Abort("The enclosing flow must be running to begin task execution.")
        paused = t.facts.flow_state()
        details = {key: paused.details[key] for key in _COPIED if key in paused.details}
        return Reject(
            "The flow is paused, new tasks can execute after resuming flow run: "
            f"{t.run.flow_run_id}.",
            Proposal(StateType.PAUSED, NOT_READY, details=details),
        )


class OnlyLeftOpen(Rule):
    """A task is closed by the server only if its flow ended and it did not.

    Background tasks go on without the flow that asked for them.
    """

    def decide(self, t: Transition) -> Verdict | None:
        """Look again, under the lock."""
        if t.run.flow_type not in FINAL:
            return Abort("The flow run around the task has not ended.")
        if t.from_type in FINAL:
            return Abort("The task has ended by itself.")
        if t.current is not None and t.current.details.get("deferred"):
            return Abort("The task runs in the background.")
        t.facts.note("ended_flow_run", t.run.flow_name)
        return None
