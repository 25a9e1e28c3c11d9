"""Rules about task runs that start once more."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import Transition
from runs.orchestration.verdicts import Accept
from runs.states import AWAITING_RETRY, RERUNNING, RETRYING


class NameReruns(Rule):
    """A second start is called Retrying or Rerunning."""

    entering: ClassVar = {StateType.RUNNING}

    def decide(self, t: Transition) -> Accept | None:
        """Rename the proposal."""
        if t.run.run_count <= 0:
            return None
        waited = t.current is not None and t.current.name == AWAITING_RETRY
        return Accept(replace(t.to, name=RETRYING if waited else RERUNNING))


class TrackAttempts(Rule):
    """A task run remembers in which attempt of its flow it ran."""

    entering: ClassVar = {StateType.RUNNING}

    def decide(self, t: Transition) -> Accept | None:
        """Note the flow's count."""
        if t.run.flow_run_id is not None:
            return Accept(flow_run_run_count=t.run.flow_count)
        return None
