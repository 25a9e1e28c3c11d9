"""States of runs: a light class, one function per name, and the wire form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from orion.engine.identity import new_id
from orion.exceptions import (
    CancelledRun,
    CrashedRun,
    FailedRun,
    MissingResult,
    PausedRun,
    UnfinishedRun,
)

R = TypeVar("R")

SCHEDULED: Final = "SCHEDULED"
PENDING: Final = "PENDING"
RUNNING: Final = "RUNNING"
PAUSED: Final = "PAUSED"
CANCELLING: Final = "CANCELLING"
COMPLETED: Final = "COMPLETED"
FAILED: Final = "FAILED"
CRASHED: Final = "CRASHED"
CANCELLED: Final = "CANCELLED"
FINAL: Final = frozenset({COMPLETED, FAILED, CRASHED, CANCELLED})
LOST: Final = {
    FAILED: FailedRun,
    CRASHED: CrashedRun,
    CANCELLED: CancelledRun,
    PAUSED: PausedRun,
}


class _Missing:
    """Stands for a value that this process never had."""

    def __repr__(self) -> str:
        return "<not kept>"


MISSING: Final[Any] = _Missing()


class State(Generic[R]):
    """What a run is in, since when, why, and with which value or exception."""

    __slots__ = (
        "data",
        "id",
        "message",
        "name",
        "reference",
        "state_details",
        "timestamp",
        "type",
    )

    def __init__(
        self,
        type: str,
        name: str | None = None,
        message: str | None = None,
        data: Any = None,
        timestamp: datetime | None = None,
        state_details: dict[str, Any] | None = None,
        id: UUID | None = None,
    ) -> None:
        self.type = type
        self.name = name or type.capitalize()
        self.message = message
        self.data = data
        self.reference: dict[str, Any] | None = None  # where the value is stored
        self.timestamp = timestamp or datetime.now(UTC)
        self.state_details = state_details or {}
        self.id = id or new_id()

    def __repr__(self) -> str:
        said = f", {self.message!r}" if self.message else ""
        return f"{self.name}({self.type}{said})"

    def is_scheduled(self) -> bool:
        return self.type == SCHEDULED

    def is_pending(self) -> bool:
        return self.type == PENDING

    def is_running(self) -> bool:
        return self.type == RUNNING

    def is_paused(self) -> bool:
        return self.type == PAUSED

    def is_cancelling(self) -> bool:
        return self.type == CANCELLING

    def is_completed(self) -> bool:
        return self.type == COMPLETED

    def is_failed(self) -> bool:
        return self.type == FAILED

    def is_crashed(self) -> bool:
        return self.type == CRASHED

    def is_cancelled(self) -> bool:
        return self.type == CANCELLED

    def is_final(self) -> bool:
        return self.type in FINAL

    @property
    def has_ended(self) -> bool:
        """True when nothing more will happen: final, or NotReady."""
        return self.type in FINAL or self.name == "NotReady"

    @property
    def scheduled_time(self) -> datetime | None:
        """When a scheduled state is due."""
        found = self.state_details.get("scheduled_time")
        return datetime.fromisoformat(found) if isinstance(found, str) else found

    def result(self, raise_on_failure: bool = True) -> R:
        """The value; of a state that did not complete the exception, raised."""
        if self.type == COMPLETED:
            if self.data is MISSING:
                raise MissingResult(
                    "The run completed, but its value was not kept: set "
                    "persist_result=True on the flow or task to keep it"
                )
            value: R = self.data
            return value
        error = self.exception()
        if raise_on_failure:
            raise error
        failure: Any = error
        return failure  # type: ignore[no-any-return]  # asked for: the exception

    async def aresult(self, raise_on_failure: bool = True) -> R:
        """As `result`, for async code."""
        return self.result(raise_on_failure)

    def exception(self) -> BaseException:
        """Why there is no value."""
        if isinstance(self.data, BaseException):
            return self.data
        return LOST.get(self.type, UnfinishedRun)(self.message or f"Run is {self!r}")


def _details(details: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return {**(details or {}), **{k: v for k, v in more.items() if v is not None}}


def Scheduled(
    scheduled_time: datetime | None = None, *, name: str = "Scheduled", **rest: Any
) -> State[Any]:
    """Waiting for its time; now, if none is given."""
    details = _details(
        rest.pop("state_details", None),
        scheduled_time=scheduled_time or datetime.now(UTC),
    )
    return State(SCHEDULED, name, state_details=details, **rest)


def AwaitingRetry(
    scheduled_time: datetime | None = None, *, name: str = "AwaitingRetry", **rest: Any
) -> State[Any]:
    """An attempt failed; the next one waits for its delay."""
    return Scheduled(scheduled_time, name=name, **rest)


def Late(*, name: str = "Late", **rest: Any) -> State[Any]:
    """The scheduled time has passed."""
    return Scheduled(name=name, **rest)


def AwaitingConcurrencySlot(
    *, name: str = "AwaitingConcurrencySlot", **rest: Any
) -> State[Any]:
    """Waiting for a slot of a limit."""
    return Scheduled(name=name, **rest)


def Pending(*, name: str = "Pending", **rest: Any) -> State[Any]:
    """About to start."""
    return State(PENDING, name, **rest)


def Running(*, name: str = "Running", **rest: Any) -> State[Any]:
    """The body runs."""
    return State(RUNNING, name, **rest)


def Retrying(*, name: str = "Retrying", **rest: Any) -> State[Any]:
    """The body runs once more."""
    return State(RUNNING, name, **rest)


def Completed(*, name: str = "Completed", **rest: Any) -> State[Any]:
    """It ended well."""
    return State(COMPLETED, name, **rest)


def Skipped(*, name: str = "Skipped", **rest: Any) -> State[Any]:
    """It ended well by having nothing to do."""
    return State(COMPLETED, name, **rest)


def Failed(*, name: str = "Failed", **rest: Any) -> State[Any]:
    """The body raised."""
    return State(FAILED, name, **rest)


def Crashed(*, name: str = "Crashed", **rest: Any) -> State[Any]:
    """Something outside of the body ended it."""
    return State(CRASHED, name, **rest)


def Cancelling(*, name: str = "Cancelling", **rest: Any) -> State[Any]:
    """Asked to stop."""
    return State(CANCELLING, name, **rest)


def Cancelled(*, name: str = "Cancelled", **rest: Any) -> State[Any]:
    """Stopped on request."""
    return State(CANCELLED, name, **rest)


def Paused(
    timeout_seconds: float = 300,
    key: str | None = None,
    reschedule: bool = False,
    *,
    name: str = "Paused",
    **rest: Any,
) -> State[Any]:
    """Waiting for somebody to resume it."""
    details = _details(
        rest.pop("state_details", None),
        pause_timeout=datetime.now(UTC) + timedelta(seconds=timeout_seconds),
        pause_key=key,
        pause_reschedule=reschedule,
    )
    return State(PAUSED, name, state_details=details, **rest)


def Suspended(
    timeout_seconds: float = 300, key: str | None = None, **rest: Any
) -> State[Any]:
    """Paused, and its process has ended."""
    rest.setdefault("name", "Suspended")
    return Paused(timeout_seconds, key, True, **rest)


def from_wire(body: dict[str, Any]) -> State[Any]:
    """The state of an API answer; its value is not in there."""
    data = body.get("data")
    is_literal = isinstance(data, dict) and data.get("type") == "literal"
    return State(
        body["type"],
        body.get("name"),
        body.get("message"),
        data["value"] if is_literal and isinstance(data, dict) else MISSING,
        datetime.fromisoformat(body["timestamp"]) if body.get("timestamp") else None,
        body.get("state_details") or {},
        UUID(body["id"]) if body.get("id") else None,
    )
