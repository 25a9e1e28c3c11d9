"""Every error of the SDK. Signals and requests at the end are not errors."""

from __future__ import annotations


class OrionError(Exception):
    """Base of everything the SDK raises on purpose."""


class FailedRun(OrionError):
    """The value of a failed run was asked for, and its exception is not known."""


class CrashedRun(OrionError):
    """The value of a crashed run was asked for."""


class CancelledRun(OrionError):
    """The value of a cancelled run was asked for."""


class PausedRun(OrionError):
    """The value of a paused run was asked for."""


class UnfinishedRun(OrionError):
    """The value of a run that has not ended was asked for."""


class MissingResult(OrionError):
    """The run completed, but its value was not kept."""


class MissingContextError(OrionError, RuntimeError):
    """Something that needs a running flow or task was used outside of one."""


class ParameterTypeError(OrionError, TypeError):
    """Flow parameters do not fit their annotations."""


class ParameterBindError(OrionError, TypeError):
    """Arguments do not fit the function's signature."""


class SignatureMismatchError(ParameterBindError):
    """Arguments are missing, or there are too many."""


class ReservedArgumentError(OrionError, TypeError):
    """A decorated function declares a parameter whose name the SDK uses."""


class MappingLengthMismatch(OrionError):
    """The iterables given to `.map` differ in length."""


class MappingMissingIterable(OrionError):
    """Nothing given to `.map` can be iterated."""


class UpstreamTaskError(OrionError):
    """The task did not run because an upstream run did not complete."""


class RemoteError(OrionError):
    """An exception of another process that could not be brought over."""


class SerializationError(OrionError):
    """A value cannot be written or read back."""


class HashError(OrionError):
    """A value has no stable hash."""


class WouldDeadlock(OrionError):
    """Blocking here would wait for something that only this thread can run."""


class ApiUnreachable(OrionError):
    """The API could not be reached."""


class IncompatibleApi(OrionError):
    """The server speaks another version of the API."""


class HTTPStatusError(OrionError):
    """The API refused a request."""

    def __init__(self, message: str, *, status: int = 0, body: str = "") -> None:
        super().__init__(message)
        self.status, self.body = status, body


class ObjectNotFound(OrionError):
    """The API knows no such object."""


class ObjectAlreadyExists(OrionError):
    """The API has such an object already."""


class TaskRunTimeoutError(OrionError, TimeoutError):
    """A task took longer than its time limit."""


class FlowRunTimeoutError(OrionError, TimeoutError):
    """A flow took longer than its time limit."""


class InfrastructureError(OrionError):
    """A run could not be started where it should."""


class ScriptError(OrionError):
    """A user's file could not be imported."""


class FlowCancelled(BaseException):
    """The flow is being cancelled; not an `Exception`, so that it is not swallowed."""


class TerminationSignal(BaseException):
    """The process was asked to end by a signal."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"terminated by signal {signal}")
        self.signal = signal


class Abort(BaseException):
    """The server told this run to stop where it is; nothing more is reported."""


class Retry(Exception):
    """Raised by a task to ask for another attempt."""

    def __init__(self, message: str = "Retry requested", *, after: float | None = None):
        super().__init__(message)
        self.after = after


class Fail(Exception):
    """Raised to fail a run with a message and no traceback."""


class Skip(Exception):
    """Raised to end a run as Skipped."""
