"""What the end of a flow run means for the tasks and child runs below it."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from core import loops
from core.actor import SERVICE
from runs.models import FlowRun, TaskRun, TaskRunState
from runs.orchestration.engine import propose_flow_run, propose_task_run
from runs.orchestration.policies.special import CLOSE_TASK, CRASH_ORPHAN
from runs.orchestration.transition import Because, Outcome, Proposal
from runs.states import FINAL, UNREPORTED, StateType

logger = logging.getLogger(__name__)

CLEANUP = "cancellation-cleanup"  # the loop that does what was left
AT_ONCE = 100  # runs that are cancelled along before the caller is answered
_CANCELLED = "The parent flow run was cancelled."


def follow(id: UUID, outcome: Outcome, now: datetime | None) -> None:
    """Cancel what is below a run that has just been cancelled.

    The cancellation is stored: should this fail, the loop does it.
    """
    if connection.in_atomic_block or outcome.state is None:
        return
    try:
        done = cancel_below(id, now=now or outcome.state.timestamp, most=AT_ONCE)
    except DatabaseError as error:
        logger.warning("children are left to %s: %s", CLEANUP, error)
        done = AT_ONCE
    if done >= AT_ONCE:
        loops.wake(CLEANUP)


def cancel_below(id: UUID, *, now: datetime, most: int) -> int:
    """Cancel the open tasks and child runs of a cancelled run, and those below them.

    A child with a process of its own is asked to stop; what it has below it in
    processes of their own is asked, too. Returns how many runs were told.
    """
    told = 0
    below = deque([id])
    while below and told < most:
        parent = below.popleft()
        row = FlowRun.objects.filter(pk=parent).values_list("state_type", "name")
        state, name = row.first() or (None, "")
        is_over = state == StateType.CANCELLED
        if is_over:
            told += _cancel_tasks(parent, name, now, most - told)
        for child in open_children(parent, now)[: max(0, most - told)]:
            has_process = child.deployment_id is not None
            below.append(child.pk)
            if not has_process and not is_over:
                continue
            if has_process and child.state_type == StateType.CANCELLING:
                continue
            type = StateType.CANCELLING if has_process else StateType.CANCELLED
            propose_flow_run(
                child.pk,
                Proposal(type, message=_CANCELLED),
                actor=SERVICE,
                force=True,
                because=_because("CancellationCleanup", _CANCELLED, parent, name),
                now=now,
            )
            told += 1
    return told


def close_below(id: UUID, *, now: datetime) -> bool:
    """Close what an ended run left open: tasks nobody reported, children in it.

    Returns whether that was all: a child that is still heard of, or that waits to be
    resumed, is left alone.
    """
    row = FlowRun.objects.filter(pk=id).values_list("state_type", "state_name", "name")
    state, state_name, name = row.first() or (None, "", "")
    if state == StateType.CANCELLED:
        cancel_below(id, now=now, most=AT_ONCE)
        return True
    if state not in FINAL:
        return True
    for task, at in _open_tasks(id, now):
        text = (
            f"The flow run {name} around the task ended as {state_name}, and the end "
            "of the task was never reported."
        )
        propose_task_run(
            task,
            Proposal(StateType.CRASHED, UNREPORTED, text, details={"unreported": True}),
            actor=SERVICE,
            policy=CLOSE_TASK,
            because=_because("UnreportedTasks", text, id, name),
            now=at,  # a report that is still on its way is newer, and wins
        )
    inside = [one for one in open_children(id, now) if one.deployment_id is None]
    ended = f"{name} ended as {state_name}"
    closed = [_crash_orphan(child.pk, id, ended, name, now) for child in inside]
    return all(closed)


def open_children(id: UUID, now: datetime) -> list[FlowRun]:
    """The child runs of a flow run that have not ended."""
    found = FlowRun.objects.children_of([id]).open()
    return list(found.only("pk", "state_type", "deployment_id").order_by("pk"))


def _crash_orphan(id: UUID, parent: UUID, what: str, name: str, now: datetime) -> bool:
    """Whether it was crashed."""
    text = f"The run had no process of its own, and its parent run {what}."
    outcome = propose_flow_run(
        id,
        Proposal(StateType.CRASHED, message=text, details={"inferred": True}),
        actor=SERVICE,
        policy=CRASH_ORPHAN,
        because=_because("UnreportedTasks", text, parent, name),
        now=now,
    )
    return outcome.written


def _cancel_tasks(id: UUID, name: str, now: datetime, most: int) -> int:
    found = _open_tasks(id, now)[:most]
    for task, _ in found:
        propose_task_run(
            task,
            Proposal(StateType.CANCELLED, message=_CANCELLED),
            actor=SERVICE,
            policy=CLOSE_TASK,
            because=_because("CancellationCleanup", _CANCELLED, id, name),
            now=now,
        )
    return len(found)


def _open_tasks(id: UUID, now: datetime) -> list[tuple[UUID, datetime]]:
    """Tasks of a run that have not ended, and since when they are in their state.

    Those that stand for a child run follow it, and background tasks outlive their flow.
    """
    rows = TaskRun.objects.filter(flow_run_id=id).exclude(state_type__in=FINAL)
    children = FlowRun.objects.open().filter(parent_task_run__flow_run_id=id)
    rows = rows.exclude(pk__in=children.values("parent_task_run_id"))
    found = list(rows.order_by("pk").values_list("pk", "state_id", "state_timestamp"))
    states = TaskRunState.objects.filter(pk__in=[state for _, state, _ in found])
    background = set(states.filter(details__deferred=True).values_list("pk", flat=True))
    return [(pk, at or now) for pk, state, at in found if state not in background]


def _because(rule: str, reason: str, parent: UUID, name: str) -> Because:
    facts: dict[str, Any] = {"parent": {"id": str(parent), "name": name}}
    return Because(rule, reason, facts)
