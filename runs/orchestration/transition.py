"""The values that pass through the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from runs.states import default_name


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
