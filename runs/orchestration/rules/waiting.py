"""Rules about when a run may start."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import Transition, stamp
from runs.orchestration.verdicts import Accept, Wait


class CopyScheduledTime(Rule):
    """A claimed run keeps the time it is due."""

    leaving: ClassVar = {StateType.SCHEDULED}
    entering: ClassVar = {StateType.PENDING}

    def decide(self, t: Transition) -> Accept | None:
        """Copy it from the scheduled state."""
        due = t.current.scheduled_time if t.current else None
        if due is None or t.to.details.get("scheduled_time"):
            return None
        return Accept(
            replace(t.to, details={**t.to.details, "scheduled_time": stamp(due)})
        )


class CopyTaskParameters(Rule):
    """A background task keeps the key of its parameters."""

    leaving: ClassVar = {StateType.SCHEDULED, StateType.PENDING}
    entering: ClassVar = {StateType.PENDING, StateType.RUNNING}

    def decide(self, t: Transition) -> Accept | None:
        """Copy it from the present state."""
        key = t.current.details.get("task_parameters_id") if t.current else None
        if key is None or t.to.details.get("task_parameters_id"):
            return None
        return Accept(
            replace(t.to, details={**t.to.details, "task_parameters_id": key})
        )


class HoldUntilScheduledTime(Rule):
    """A run may not start early; say how long to wait."""

    leaving: ClassVar = {StateType.SCHEDULED, StateType.PENDING}
    entering: ClassVar = {StateType.RUNNING}

    def decide(self, t: Transition) -> Wait | None:
        """Tell the seconds until the run is due."""
        due = t.current.scheduled_time if t.current else None
        early = round((due - t.now).total_seconds()) if due else 0
        return Wait(early, "Scheduled time is in the future") if early > 0 else None
