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
from runs.explanations import Thing as Named
from runs.models import FlowRun, TaskRun
from work_pools.reads import waiting
from work_pools.why_not import waiting_for


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
            things=[_thing(named) for named in told.things],
            from_=told.from_name,
            to=told.to_name,
            policy=told.policy,
            actor=told.actor,
        )


class Waits(Wire):
    """Why a due run has not been handed out, and since when that is the cause."""

    kind: str
    sentence: str
    object: Thing
    holders: list[Thing]
    since: datetime | None

    @classmethod
    def of(cls, run: FlowRun, now: datetime) -> Self | None:
        """As it is now; nothing for a run that does not wait to be handed out."""
        reason = waiting_for(run, now)
        if reason is None:
            return None
        stored = waiting([run.pk]).get(run.pk)
        is_known = stored is not None and stored.kind == reason.kind
        due = run.next_scheduled_start_time
        return cls(
            kind=reason.kind,
            sentence=reason.sentence,
            object=_thing(reason.thing),
            holders=[_thing(holder) for holder in reason.holders],
            since=stored.since if stored and is_known else due,
        )


class Why(Wire):
    """The present state of a run and the decisions behind it, newest first."""

    state: State | None
    waiting: Waits | None = None
    decisions: list[Judged]

    @classmethod
    def of(cls, run: FlowRun | TaskRun, now: datetime) -> Self:
        """From a row."""
        attach_states([run])  # type: ignore[arg-type] # one of either kind
        return cls.model_construct(
            state=State.of(run.state) if run.state else None,
            waiting=Waits.of(run, now) if isinstance(run, FlowRun) else None,
            decisions=[Judged.of(told) for told in explain(run)],
        )


def _thing(named: Named) -> Thing:
    return Thing(kind=named.kind, id=named.id, name=named.name)
