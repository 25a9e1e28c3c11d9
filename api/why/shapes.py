"""Shapes of explanations: the decisions behind the state of a run."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.base.states import State
from api.base.wire import JsonObject, Wire
from runs.current import attach_states
from runs.explanations import Explanation, explain
from runs.models import FlowRun, TaskRun


class Thing(Wire):
    """An object that a sentence names."""

    kind: str
    id: UUID | str | None
    name: str


class Judged(Wire):
    """A decision about a run, told as a sentence."""

    created: datetime
    rule: str
    verdict: str
    reason: str
    sentence: str
    facts: JsonObject
    things: list[Thing]
    from_: str | None = Field(serialization_alias="from")
    to: str | None
    policy: str
    actor: str

    @classmethod
    def of(cls, told: Explanation) -> Self:
        """From the domain's value."""
        return cls(
            created=told.when,
            rule=told.rule,
            verdict=told.verdict,
            reason=told.reason,
            sentence=told.sentence,
            facts=dict(told.facts),
            things=[Thing(kind=o.kind, id=o.id, name=o.name) for o in told.things],
            from_=told.from_name,
            to=told.to_name,
            policy=told.policy,
            actor=told.actor,
        )


class Why(Wire):
    """The present state of a run and the decisions behind it, newest first."""

    state: State | None
    decisions: list[Judged]

    @classmethod
    def of(cls, run: FlowRun | TaskRun) -> Self:
        """From a row."""
        attach_states([run])  # type: ignore[arg-type] # one of either kind
        return cls.model_construct(
            state=State.of(run.state) if run.state else None,
            decisions=[Judged.of(told) for told in explain(run)],
        )
