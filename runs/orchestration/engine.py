"""Proposals in, outcomes out: lock, decide, bookkeep, write, settle; nothing else."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.clock import now as clock_now
from core.dialect import THREE, Dialect
from core.ids import uuid7
from core.sql import write
from events import hub
from runs import pulses
from runs.models import Decision
from runs.orchestration import bookkeeping, writer
from runs.orchestration.facts import Facts
from runs.orchestration.loading import load
from runs.orchestration.policies import BACKGROUND_TASK_RUN, POLICIES, Policy
from runs.orchestration.rule import Rule
from runs.orchestration.transition import (
    Because,
    Outcome,
    Proposal,
    RunRow,
    StateValue,
    Transition,
    stamp,
)
from runs.orchestration.verdicts import Accept, Already, Refusal, Reject, Wait
from runs.states import StateType

_TICK = timedelta(microseconds=1)


def propose_flow_run(id: UUID, proposal: Proposal, **how: Any) -> Outcome:
    """Propose a state for a flow run; see `propose`."""
    return propose("flow_run", id, proposal, **how)


def propose_task_run(id: UUID, proposal: Proposal, **how: Any) -> Outcome:
    """Propose a state for a task run; see `propose`."""
    return propose("task_run", id, proposal, **how)


def propose(
    kind: str,
    id: UUID,
    proposal: Proposal,
    *,
    actor: Actor,
    dialect: Dialect = THREE,
    force: bool = False,
    policy: Policy | None = None,
    because: Because | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Judge a proposal and write what follows, in one transaction.

    What is below a run that was cancelled is cancelled in transactions of their own.
    `policy` replaces the one that kind, dialect and `force` select. `because` is
    stored as a decision when the proposal is accepted.

    Raises:
        NotFound: no such run is visible to the actor.
    """
    chosen = policy or policy_for(kind, dialect, force, proposal)
    with write():
        run, current = load(kind, id, actor)
        t = begin(run, current, proposal, dialect=dialect, now=now)
        outcome = carry_out(t, chosen, actor=actor, because=because)
    if kind == "flow_run" and outcome.written and is_cancelled(outcome.state):
        from runs.cascade import follow

        follow(id, outcome, now)
    return outcome


def begin(
    run: RunRow,
    current: StateValue | None,
    proposal: Proposal,
    *,
    dialect: Dialect,
    now: datetime | None = None,
) -> Transition:
    """A transition of a loaded run, ready to be judged."""
    at = now or clock_now()
    facts = Facts()
    proposal = complete(proposal, at)
    t = Transition(run, current, proposal, proposal, at, dialect, facts)
    facts.attach(t)
    return t


def carry_out(
    t: Transition,
    policy: Policy,
    *,
    actor: Actor,
    because: Because | None = None,
) -> Outcome:
    """Judge and write; the caller holds the lock and the transaction."""
    before = copy(t.run)
    refusal, rule, seen, afterwards = judge(t, policy)
    if isinstance(refusal, Already):
        return Outcome("ACCEPT", t.current, written=False)
    state = None
    if t.proposed is not None:
        state = settle(t, before, seen, afterwards)
    elif afterwards:
        writer.amend_policy(before, {**before.policy, **afterwards})
    if refusal is not None and rule is not None:
        explain(t, policy.name, rule.name, refusal, state=state, actor=actor)
    elif because is not None:
        explain(t, policy.name, because.rule, because, state=state, actor=actor)
    if refusal is None:
        return Outcome("ACCEPT", state, written=True)
    return Outcome(
        refusal.status,
        state or t.current,
        written=state is not None,
        reason=refusal.reason,
        delay_seconds=refusal.delay_seconds if isinstance(refusal, Wait) else None,
    )


def judge(
    t: Transition, policy: Policy
) -> tuple[Refusal | Already | None, Rule | None, list[Rule], dict[str, Any]]:
    """Ask the rules in order; nothing is written.

    The verdict that refused, the rule it came from, the rules whose promises hold for
    the state that will be written, and what to merge into the run's policy after it.
    """
    wanted = t.to_type
    refusal: Refusal | Already | None = None
    by: Rule | None = None
    seen: list[tuple[Rule, dict[str, Any]]] = []
    afterwards: dict[str, Any] = {}
    for rule in policy.select(t.from_type, wanted):
        if t.proposed is None:
            break
        if t.proposed.type != wanted and not rule.universal:
            continue
        verdict = rule.decide(t)
        if verdict is None:
            seen.append((rule, {}))
        elif isinstance(verdict, Accept):
            seen.append((rule, _amend(t, verdict)))
            afterwards |= verdict.afterwards or {}
        else:
            refusal, by = verdict, rule
            if isinstance(verdict, Already):
                break
            _refuse(t, verdict)
    kept = []
    for rule, undo in reversed(seen):
        if t.to_type == wanted or rule.universal:
            kept.append(rule)
        else:
            for field, value in undo.items():
                setattr(t.run, field, value)
    if t.to_type != wanted:
        afterwards = {}
    if isinstance(refusal, Reject):
        afterwards |= refusal.afterwards or {}
        if t.proposed is not None:
            t.run.policy = {**t.run.policy, **(refusal.policy or {})}
            for column, new in (refusal.columns or {}).items():
                setattr(t.run, column, new)
    return refusal, by, kept, afterwards


def settle(
    t: Transition, before: RunRow, rules: list[Rule], afterwards: dict[str, Any]
) -> StateValue:
    """Write the proposal as a state and do all that follows from it."""
    state = value(t)
    bookkeeping.apply(t, state)
    if afterwards:
        t.run.policy = {**t.run.policy, **afterwards}
    state = writer.write(t.run, state, before=before)
    for rule in rules:
        rule.settle(t, state)
    if t.run.claim_token is not None and state.type == StateType.RUNNING:
        pulses.expect(t.run.id, str(t.run.claimed_by), state.timestamp)
    if t.run.parent_task_run_id is not None:
        from runs.subflows import mirror

        mirror(t, state)
    hint(t.run)
    return state


def is_cancelled(state: StateValue | None) -> bool:
    """Whether what is below the run is to be cancelled, too."""
    return state is not None and state.type == StateType.CANCELLED


def value(t: Transition) -> StateValue:
    """The proposal as a state: an id, a time after the present state's, own ids."""
    at = t.now
    if t.current is not None and at <= t.current.timestamp:
        at = t.current.timestamp + _TICK
    return StateValue(
        uuid7(),
        t.to.type,
        t.to.title,
        at,
        t.to.message,
        t.to.data,
        {**t.to.details, **bookkeeping.own_ids(t)},
    )


def complete(proposal: Proposal, now: datetime) -> Proposal:
    """The proposal with the scheduled time that every scheduled state has."""
    if proposal.type != StateType.SCHEDULED or proposal.details.get("scheduled_time"):
        return proposal
    details = {**proposal.details, "scheduled_time": stamp(now)}
    return replace(proposal, details=details)


def hint(run: RunRow) -> None:
    """Wake whoever watches the run, once the transaction is through."""
    if run.kind == "flow_run":
        topics = ("runs", f"run:{run.id}")
    else:
        topics = (f"run:{run.flow_run_id}", f"task-run:{run.id}")
    transaction.on_commit(lambda: hub.hint(*topics))


def policy_for(kind: str, dialect: Dialect, force: bool, proposal: Proposal) -> Policy:
    if kind == "task_run" and proposal.details.get("deferred"):
        return BACKGROUND_TASK_RUN
    return POLICIES[(kind, dialect.generation, force)]


def _amend(t: Transition, verdict: Accept) -> dict[str, Any]:
    """Take the changes over; returns what they replaced."""
    undo: dict[str, Any] = {}
    for column, new in (verdict.columns or {}).items():
        undo[column] = getattr(t.run, column)
        setattr(t.run, column, new)
    if verdict.proposal is not None:
        t.proposed = verdict.proposal
    if verdict.policy is not None:
        undo["policy"] = t.run.policy
        t.run.policy = {**t.run.policy, **verdict.policy}
    if verdict.run_count is not None:
        undo["run_count"] = t.run.run_count
        t.run.run_count = verdict.run_count
    if verdict.flow_run_run_count is not None:
        undo["flow_run_run_count"] = t.run.flow_run_run_count
        t.run.flow_run_run_count = verdict.flow_run_run_count
    return undo


def _refuse(t: Transition, verdict: Refusal) -> None:
    t.refused = isinstance(verdict, Reject)
    instead = verdict.instead if isinstance(verdict, Reject) else None
    t.proposed = complete(instead, t.now) if instead is not None else None


def explain(
    t: Transition,
    policy: str,
    rule: str,
    why: Refusal | Because,
    *,
    actor: Actor,
    state: StateValue | None = None,
) -> None:
    """Store the decision."""
    facts = dict(t.facts.remembered)
    if isinstance(why, Because):
        facts |= why.facts
    Decision.objects.create(
        flow_run_id=t.run.id if t.run.kind == "flow_run" else None,
        task_run_id=t.run.id if t.run.kind == "task_run" else None,
        policy=policy,
        rule=rule,
        verdict="ACCEPT" if isinstance(why, Because) else why.status,
        reason=why.reason,
        facts=facts,
        from_type=t.from_type,
        from_name=t.current.name if t.current else None,
        to_type=t.intended.type,
        to_name=t.intended.title,
        state_id=state.id if state else None,
        actor=actor.name,
    )
