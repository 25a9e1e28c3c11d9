"""Resuming a paused or suspended flow run, with the answer it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.actor import Actor
from core.clock import now as clock_now
from core.dialect import THREE, Dialect
from core.errors import Invalid
from core.schemas import HydrationError, Mismatch, hydrate, validate
from core.sql import write
from runs.models import RunInput
from runs.orchestration.engine import begin, explain, propose_flow_run
from runs.orchestration.loading import load
from runs.orchestration.transition import Outcome, Proposal, StateValue, stamp
from runs.orchestration.verdicts import Abort, Reject
from runs.states import RESUMING, StateType

_POLICY, _RULE = "resuming", "ResumeFlowRun"


class UnusableInput(Exception):
    """The answer does not fit; the text is the reason that clients get."""


def resume(
    id: UUID,
    run_input: Mapping[str, Any] | None,
    *,
    actor: Actor,
    dialect: Dialect = THREE,
    now: datetime | None = None,
) -> Outcome:
    """Let a paused run go on; the rules of leaving a pause decide.

    A run that waits for input gets `run_input`, checked against the schema it stored.

    Raises:
        NotFound: no such run.
    """
    at = now or clock_now()
    with write():
        run, current = load("flow_run", id, actor)
        t = begin(run, current, Proposal(StateType.RUNNING), dialect=dialect, now=at)
        if current is None or current.type != StateType.PAUSED:
            refusal = Abort("Cannot resume a flow run that is not paused.")
            explain(t, _POLICY, _RULE, refusal, actor=actor)
            return Outcome("ABORT", None, written=False, reason=refusal.reason)
        keys = current.details.get("run_input_keyset")
        try:
            answer = _answer(id, keys, run_input) if keys else None
        except UnusableInput as error:
            explain(t, _POLICY, _RULE, Reject(str(error)), actor=actor)
            return _refused(current, str(error))
        outcome = propose_flow_run(
            id, _onwards(current, at), actor=actor, dialect=dialect, now=at
        )
        if outcome.status == "ACCEPT" and keys and run_input:
            RunInput.objects.update_or_create(
                flow_run_id=run.id,
                key=keys["response"],
                defaults={"value": orjson.dumps(answer).decode()},
            )
    return outcome


def _onwards(current: StateValue, at: datetime) -> Proposal:
    if current.details.get("pause_reschedule"):
        details = {"scheduled_time": stamp(at)}
        return Proposal(StateType.SCHEDULED, RESUMING, details=details)
    return Proposal(StateType.RUNNING)


def _answer(id: UUID, keys: dict[str, str], given: Mapping[str, Any] | None) -> Any:
    """The input, hydrated and valid.

    Raises:
        UnusableInput: it is not.
    """
    try:
        answer = hydrate(dict(given or {}))
    except HydrationError as error:
        raise UnusableInput(f"Error hydrating run input: {error}") from error
    stored = RunInput.objects.filter(flow_run_id=id, key=keys.get("schema")).first()
    if stored is None:
        raise UnusableInput("Run input schema not found.")
    try:
        schema = orjson.loads(stored.value)
    except orjson.JSONDecodeError as error:
        raise UnusableInput("Run input schema is not valid JSON.") from error
    try:
        validate(answer, schema)
    except Mismatch as error:
        raise UnusableInput(f"Reason: {error}") from error
    except Invalid as error:
        raise UnusableInput(f"Invalid schema: {error}") from error
    return answer


def _refused(current: StateValue, reason: str) -> Outcome:
    """Clients expect a rejection with the details of an abort."""
    return Outcome(
        "REJECT", current, written=False, reason=reason, details_type="abort_details"
    )
