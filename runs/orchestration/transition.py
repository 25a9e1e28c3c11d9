"""The values that pass through the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.dialect import Dialect
from runs.states import StateType, default_name

if TYPE_CHECKING:
    from runs.orchestration.facts import Facts


@dataclass(frozen=True, slots=True)
class Proposal:
    """A state somebody wants a run to be in.

    `details` are the wire's `state_details` that were given, JSON-ready: ids and times
    are text, times in RFC 3339 with a `Z`.
    """

    type: str
    name: str = ""
    message: str | None = None
    data: Any = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name, or the type's own."""
        return self.name or default_name(self.type)

    @property
    def scheduled_time(self) -> datetime | None:
        """When a scheduled state is due."""
        return moment(self.details.get("scheduled_time"))


@dataclass(frozen=True, slots=True)
class StateValue:
    """A stored state, with its result's metadata joined back into `data`."""

    id: UUID
    type: str
    name: str
    timestamp: datetime
    message: str | None = None
    data: Any = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def scheduled_time(self) -> datetime | None:
        """When a scheduled state is due."""
        return moment(self.details.get("scheduled_time"))

    @property
    def is_inferred(self) -> bool:
        """Whether the server concluded it from silence, without a report."""
        return bool(self.details.get("inferred"))


@dataclass(slots=True)
class RunRow:
    """The columns of a run that rules and bookkeeping look at.

    It is a working copy: accepted changes show here before they are written.
    """

    kind: str  # flow_run, task_run
    id: UUID
    workspace_id: int
    name: str
    policy: dict[str, Any]
    run_count: int = 0
    expected_start_time: datetime | None = None
    next_scheduled_start_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    total_run_time: float = 0.0
    # flow runs
    flow_id: UUID | None = None
    deployment_id: UUID | None = None
    parent_task_run_id: UUID | None = None
    infrastructure_pid: str | None = None
    limit_id: UUID | None = None  # the deployment's concurrency limit
    concurrency_options: dict[str, Any] | None = None
    work_queue_id: UUID | None = None
    claimed_by: str | None = None
    claim_token: UUID | None = None
    claim_expires: datetime | None = None
    reclaims: int = 0
    deadline: datetime | None = None
    losses: int = 0
    retry_on: str = ""  # of the deployment, as the next two
    retry_limit: int = 0
    max_run_seconds: float | None = None
    deployment_name: str | None = None
    # task runs
    flow_run_id: UUID | None = None
    tags: list[str] = field(default_factory=list)
    flow_run_run_count: int = 0
    flow_type: str | None = None  # of the enclosing flow run
    flow_name: str | None = None
    flow_state_id: UUID | None = None
    flow_count: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """Which agent takes a run, with a token that only it and what it starts know."""

    token: UUID
    agent: str


@dataclass(slots=True)
class Transition:
    """A proposal on its way through a policy. Rules read; the engine changes it."""

    run: RunRow
    current: StateValue | None
    proposed: Proposal | None  # None once a rule refused without another state
    intended: Proposal  # as the client sent it
    now: datetime
    dialect: Dialect
    facts: Facts
    claim: Claim | None = None
    refused: bool = False  # a rule answered REJECT

    @property
    def from_type(self) -> str | None:
        """The type of the present state."""
        return self.current.type if self.current else None

    @property
    def to(self) -> Proposal:
        """The proposal; only asked while there is one."""
        if self.proposed is None:
            raise LookupError("no proposal is left to judge")
        return self.proposed

    @property
    def to_type(self) -> str | None:
        """The proposed type."""
        return self.proposed.type if self.proposed else None

    @property
    def is_retry_by_server(self) -> bool:
        """Whether a refusal put AwaitingRetry in the place of a failure."""
        return (
            self.refused
            and self.intended.type == StateType.FAILED
            and self.to_type == StateType.SCHEDULED
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a proposal.

    `state` is the run's state afterwards; `written` says whether it is a new row
    (also for a REJECT that put another state in place of the proposed one).
    """

    status: str  # ACCEPT, REJECT, WAIT, ABORT
    state: StateValue | None
    written: bool
    reason: str | None = None
    delay_seconds: int | None = None
    details_type: str | None = None  # where the wire's differs from the status


@dataclass(frozen=True, slots=True)
class Because:
    """Why a loop or a person proposes, stored as a decision of its own."""

    rule: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


def moment(value: Any) -> datetime | None:
    """A time in `details`."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def stamp(value: datetime) -> str:
    """A time as `details` keep it."""
    return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
