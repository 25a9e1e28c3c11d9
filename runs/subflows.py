"""A child run is mirrored by a placeholder task run in its parent."""

from __future__ import annotations

from dataclasses import replace

from core.actor import SERVICE
from core.errors import NotFound
from runs.orchestration.engine import begin, carry_out
from runs.orchestration.loading import load
from runs.orchestration.policies import POLICIES
from runs.orchestration.transition import Proposal, StateValue, Transition


def mirror(t: Transition, state: StateValue) -> None:
    """Copy the child's new state onto its placeholder, in the same transaction."""
    parent = t.run.parent_task_run_id
    if parent is None:
        return
    try:
        actor = replace(SERVICE, workspace_id=t.run.workspace_id)
        run, current = load("task_run", parent, actor)
    except NotFound:
        return
    details = {**state.details, "child_flow_run_id": str(t.run.id)}
    copy = Proposal(state.type, state.name, state.message, state.data, details)
    forced = POLICIES[("task_run", t.dialect.generation, True)]
    carry_out(
        begin(run, current, copy, dialect=t.dialect, now=state.timestamp),
        forced,
        actor=actor,
    )
