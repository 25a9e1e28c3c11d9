"""Rules about results whose content is unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from runs.orchestration.rule import Rule, StateType
from runs.orchestration.transition import Transition
from runs.orchestration.verdicts import Accept

UNKNOWN: dict[str, Any] = {
    "type": "unknown",
    "artifact_type": "result",
    "artifact_description": "Unknown result persisted to Prefect.",
    "value": None,
}


class MarkUnknownResult(Rule):
    """Forcing a failed run to Completed leaves nobody knowing its result (2.x)."""

    leaving: ClassVar = {StateType.FAILED, StateType.CRASHED}
    entering: ClassVar = {StateType.COMPLETED}

    def decide(self, t: Transition) -> Accept | None:
        """Say so in the state's data."""
        data = t.current.data if t.current else None
        if isinstance(data, dict) and data.get("type") == "reference":
            return Accept(replace(t.to, data=dict(UNKNOWN)))
        return None
