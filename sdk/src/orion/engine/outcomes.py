"""From what a body returned or raised to the state of its run."""

from __future__ import annotations

import signal
from typing import Any

from orion.exceptions import (
    Abort,
    Fail,
    FlowCancelled,
    FlowRunTimeoutError,
    Skip,
    TaskRunTimeoutError,
    TerminationSignal,
)
from orion.states import Cancelled, Completed, Crashed, Failed, Skipped, State

ENGINE = __name__.rpartition(".")[0].rpartition(".")[0]  # the package: orion


def state_of_value(value: Any) -> State[Any]:
    """A returned state is taken as it is; any other value completed the run."""
    return value if isinstance(value, State) else Completed(data=value)


def state_of_error(error: BaseException) -> State[Any]:
    """The state of a run whose body raised this."""
    cut_engine_frames(error)
    text = describe(error)
    if isinstance(error, Skip):
        return Skipped(message=str(error) or None)
    if isinstance(error, Fail):
        return Failed(message=str(error) or None, data=error)
    if isinstance(error, TaskRunTimeoutError | FlowRunTimeoutError):
        return Failed(name="TimedOut", message=str(error), data=error)
    if isinstance(error, KeyboardInterrupt):
        return Cancelled(message="Interrupted from the keyboard", data=error)
    if isinstance(error, FlowCancelled) or type(error).__name__ == "CancelledError":
        return Cancelled(message=str(error) or "Cancelled", data=error)
    if isinstance(error, TerminationSignal):
        name = signal.Signals(error.signal).name
        return Crashed(message=f"terminated by {name}", data=error)
    if isinstance(error, Abort):
        return Crashed(message=f"Stopped by the server: {error}", data=error)
    if isinstance(error, SystemExit):
        return Crashed(message=f"The code called sys.exit({error.code!r})", data=error)
    if isinstance(error, Exception):
        return Failed(message=text, data=error)
    return Crashed(message=text, data=error)


def describe(error: BaseException) -> str:
    """The exception as one line."""
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def cut_engine_frames(error: BaseException) -> None:
    """Let the traceback begin in the user's code."""
    trace = error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module != ENGINE and not module.startswith((f"{ENGINE}.", "asyncio.")):
            error.__traceback__ = trace
            return
        trace = trace.tb_next
