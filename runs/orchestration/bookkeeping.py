"""What every written state does to its run, forced or not: steps, in order.

Source of the order: the contract's list of global field updates. Steps 1 to 3 are the
state columns, which the writer sets. Those without a number are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from core.conf import conf
from runs.orchestration.transition import StateValue, Transition, moment
from runs.states import FINAL, StateType


def set_start_time(t: Transition, state: StateValue) -> None:
    """4: the first RUNNING starts the run."""
    if state.type == StateType.RUNNING and t.run.start_time is None:
        t.run.start_time = state.timestamp


def set_end_time(t: Transition, state: StateValue) -> None:
    """5: a final state ends it, anything else reopens it."""
    run = t.run
    if state.type not in FINAL:
        if t.from_type in FINAL:
            run.end_time = None
        return
    if t.current is not None and t.current.is_inferred:
        run.end_time = None  # it had not ended after all
    if run.end_time is not None:
        return
    if t.dialect.generation == 2:
        if run.start_time is not None:
            run.end_time = state.timestamp
    else:
        run.end_time = state.timestamp
        run.start_time = run.start_time or state.timestamp


def add_run_time(t: Transition, state: StateValue) -> None:
    """6: leaving RUNNING adds the time spent there."""
    if t.current is not None and t.current.type == StateType.RUNNING:
        spent = (state.timestamp - t.current.timestamp).total_seconds()
        t.run.total_run_time += spent


def set_expected_start(t: Transition, state: StateValue) -> None:
    """7: the first state says when the run is expected, for good."""
    if t.run.expected_start_time is None:
        due = state.scheduled_time if state.type == StateType.SCHEDULED else None
        t.run.expected_start_time = due or state.timestamp


def set_next_start(t: Transition, state: StateValue) -> None:
    """8: only scheduled runs have a next start."""
    due = state.scheduled_time if state.type == StateType.SCHEDULED else None
    t.run.next_scheduled_start_time = due


def count_runs(t: Transition, state: StateValue) -> None:
    """11: entering RUNNING counts, except to resume a pause."""
    if state.type == StateType.RUNNING and not _resumes(t):
        t.run.run_count += 1


def stop_resuming(t: Transition, state: StateValue) -> None:
    """12: having resumed, or ended, the run resumes no longer."""
    if _resumes(t) and (state.type == StateType.RUNNING or state.type in FINAL):
        t.run.policy = {**t.run.policy, "resuming": False}


def lease_claim(t: Transition, state: StateValue) -> None:
    """A claim counts for a while; who took it is known until the run waits again."""
    run = t.run
    if state.type != StateType.PENDING:
        run.claim_expires = None
        if state.type == StateType.SCHEDULED:
            run.claimed_by = run.claim_token = None
        return
    if run.deployment_id is None and run.work_queue_id is None:
        return  # nobody else could take it
    if t.claim is not None:
        run.claimed_by, run.claim_token = t.claim.agent, t.claim.token
    elif t.from_type != StateType.PENDING:
        run.claimed_by = run.claim_token = None
    ttl = conf.agent_claim if run.claim_token else conf.claim_expiry
    run.claim_expires = state.timestamp + ttl


def set_deadline(t: Transition, state: StateValue) -> None:
    """When a service must look at the run, if nothing happens before."""
    run, at = t.run, None
    if state.type == StateType.PAUSED:
        at = moment(state.details.get("pause_timeout"))
    elif state.type == StateType.CANCELLING:
        at = state.timestamp + conf.cancelling_timeout
    elif state.type == StateType.RUNNING and run.max_run_seconds:
        at = state.timestamp + timedelta(seconds=run.max_run_seconds)
    run.deadline = at


def forget_losses(t: Transition, state: StateValue) -> None:
    """A run that had ended and is run again has all its tries."""
    if t.from_type in FINAL and state.type not in FINAL:
        t.run.reclaims = t.run.losses = 0


def _resumes(t: Transition) -> bool:
    return t.run.kind == "flow_run" and bool(t.run.policy.get("resuming"))


STEPS: tuple[Callable[[Transition, StateValue], None], ...] = (
    set_start_time,
    set_end_time,
    add_run_time,
    set_expected_start,
    set_next_start,
    count_runs,
    stop_resuming,
)
FLOW_STEPS = (*STEPS, lease_claim, set_deadline, forget_losses)


def own_ids(t: Transition) -> dict[str, str]:
    """9 and 10: a state names the run it belongs to, and a subflow's its task run."""
    run = t.run
    ids: dict[str, str] = {}
    if run.kind == "flow_run":
        ids["flow_run_id"] = str(run.id)
        if run.parent_task_run_id:
            ids["task_run_id"] = str(run.parent_task_run_id)
    else:
        ids["task_run_id"] = str(run.id)
        if run.flow_run_id:
            ids["flow_run_id"] = str(run.flow_run_id)
    return ids


def apply(t: Transition, state: StateValue) -> None:
    """Take all steps on the working copy."""
    for step in FLOW_STEPS if t.run.kind == "flow_run" else STEPS:
        step(t, state)
