"""Our states and runs as request bodies, and answers as verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orion.engine.identity import new_id
from orion.engine.jsonable import as_json, is_small
from orion.report.reporter import ACCEPT, REJECT, Verdict
from orion.settings import settings
from orion.states import MISSING, from_wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orion.engine.runs import FlowRun, TaskRun
    from orion.states import State

LONGEST_MESSAGE = 100_000


def transition_of(state: State[Any]) -> str:
    """The id of this very transition; the same each time it is sent."""
    details = state.state_details
    if "transition_id" not in details:
        details["transition_id"] = str(new_id())
    return str(details["transition_id"])


def state_body(state: State[Any], **details: Any) -> dict[str, Any]:
    """A state to propose."""
    transition_of(state)
    message = as_json(state.message)
    return {
        "type": state.type,
        "name": state.name,
        "message": message[:LONGEST_MESSAGE] if message else None,
        "data": data_of(state),
        "state_details": {
            name: as_json(value)
            for name, value in {**state.state_details, **details}.items()
            if name not in ("task_run_id", "flow_run_id")
        },
    }


def data_of(state: State[Any]) -> dict[str, Any] | None:
    """Where the value is stored, or the value itself if it is small and may be told."""
    if state.reference is not None:
        return state.reference
    if not state.is_completed() or state.data is MISSING:
        return None
    if settings().results.inline_small and is_small(state.data):
        return {"type": "literal", "value": as_json(state.data)}
    return None


def flow_run_body(run: FlowRun) -> dict[str, Any]:
    """A flow run to create."""
    body: dict[str, Any] = {
        "name": run.name,
        "flow_id": str(run.flow_id),
        "flow_version": run.flow_version,
        "parameters": run.parameters,
        "context": {},
        "tags": sorted(run.tags),
        "state": {"type": "PENDING", "name": "Pending"},
        "idempotency_key": str(run.id),
    }
    if run.empirical_policy:
        body["empirical_policy"] = policy_body(run)
    if run.parent_task_run_id is not None:
        body["parent_task_run_id"] = str(run.parent_task_run_id)
    return body


def policy_body(run: FlowRun) -> dict[str, Any]:
    """The retry policy in whole seconds, as servers want it."""
    policy = dict(run.empirical_policy)
    if "retry_delay" in policy:
        policy["retry_delay"] = round(policy["retry_delay"] or 0)
    return policy


def task_run_body(
    run: TaskRun, state: State[Any], aliases: Mapping[str, str]
) -> dict[str, Any]:
    """A task run to create, with the id that we made."""
    body = {
        "id": str(run.id),
        "name": run.name,
        "flow_run_id": str(run.flow_run_id) if run.flow_run_id else None,
        "task_key": run.task_key,
        "dynamic_key": run.dynamic_key,
        "tags": sorted(run.tags),
        "task_inputs": {
            name: [
                {**each, "id": aliases.get(each["id"], each["id"])} for each in edges
            ]
            for name, edges in run.task_inputs.items()
        },
        "state": state_body(state),
    }
    if run.retries:
        body["empirical_policy"] = {"retries": run.retries}
    return body


def verdict_of(answer: Mapping[str, Any], ours: State[Any]) -> Verdict:
    """The server's verdict; a repeat of what it has already is an acceptance."""
    found = answer.get("state")
    details = answer.get("details") or {}
    status = str(answer.get("status"))
    reason = str(details.get("reason") or "")
    if status == REJECT and found and _is_ours(found, ours):
        return Verdict(ACCEPT, ours)
    return Verdict(
        status,
        from_wire(found) if found else None,
        delay=float(details.get("delay_seconds") or 0),
        reason=reason,
    )


def _is_ours(found: Mapping[str, Any], ours: State[Any]) -> bool:
    return is_transition(found, transition_of(ours))


def is_transition(found: Mapping[str, Any] | None, transition: str) -> bool:
    """True if a stored state stems from the transition with this id."""
    details = (found or {}).get("state_details") or {}
    return details.get("transition_id") == transition
