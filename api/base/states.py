"""Shapes of states and of what becomes of a proposal; several rooms use them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from api.base.wire import Moment, Text, Wire
from runs.orchestration.transition import Outcome, Proposal, StateValue
from runs.states import StateType


class StateDetails(Wire):
    """What a state says beside its type; both generations' keys."""

    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
    child_flow_run_id: UUID | None = None
    scheduled_time: Moment | None = None
    cache_key: str | None = None
    cache_expiration: Moment | None = None
    deferred: bool | None = False
    untrackable_result: bool = False
    pause_timeout: Moment | None = None
    pause_reschedule: bool = False
    pause_key: str | None = None
    run_input_keyset: dict[str, str] | None = None
    refresh_cache: bool | None = None
    retriable: bool | None = None
    transition_id: UUID | None = None
    task_parameters_id: UUID | None = None
    traceparent: str | None = None
    deployment_concurrency_lease_id: UUID | None = None


BLANK_DETAILS: dict[str, Any] = StateDetails().model_dump()


class StateCreate(Wire):
    """A state as clients propose it. Its id and time are the server's to give."""

    type: StateType
    name: Text | None = None
    message: str | None = None
    data: Any = None
    state_details: StateDetails = StateDetails()

    def proposal(self) -> Proposal:
        """For the engine."""
        return Proposal(
            self.type.value,
            self.name or "",
            self.message,
            self.data,
            self.state_details.model_dump(
                mode="json", exclude_unset=True, exclude_defaults=True
            ),
        )


class State(Wire):
    """A stored state."""

    id: UUID
    type: StateType
    name: str
    timestamp: datetime
    message: str | None
    data: Any
    state_details: StateDetails

    @classmethod
    def of(cls, state: StateValue) -> Self:
        """From the engine's value."""
        return cls.model_construct(
            id=state.id,
            type=state.type,
            name=state.name,
            timestamp=state.timestamp,
            message=state.message,
            data=state.data,
            state_details={**BLANK_DETAILS, **state.details},
        )


class SetStateBody(Wire):
    """A proposal; `force` replaces the rules by the few that always hold."""

    state: StateCreate
    force: bool = False


class OutcomeDetails(Wire):
    """Why, and for how long."""

    type: str
    reason: str | None = None
    delay_seconds: int | None = None


class OrchestrationResult(Wire):
    """What became of a proposal."""

    state: State | None
    status: str
    details: OutcomeDetails

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """From the engine's value; `details` has the keys its type has."""
        kind = outcome.details_type or f"{outcome.status.lower()}_details"
        details: dict[str, Any] = {"type": kind}
        if outcome.reason is not None:
            details["reason"] = outcome.reason
        if outcome.delay_seconds is not None:
            details["delay_seconds"] = outcome.delay_seconds
        return cls.model_construct(
            state=State.of(outcome.state) if outcome.state else None,
            status=outcome.status,
            details=details,
        )
