"""Time limits of synchronous code: a signal in the main thread, a watchdog elsewhere.

A worker of a task runner is not limited here: its work item gives up on it.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from orion.engine.timer import after

SOON = 0.001
INTERRUPTED = ("orion.engine.effects", "orion.futures")  # call the user, or wait
Expired = Callable[[], BaseException]
_deadlines: list[tuple[float, Expired]] = []  # of the main thread, outermost first


@contextlib.contextmanager
def time_limit(seconds: float | None, expired: Expired) -> Iterator[None]:
    """Raise `expired()` in the block once it has taken this long."""
    if seconds is None:
        yield
    elif threading.current_thread() is threading.main_thread() and hasattr(
        signal, "setitimer"
    ):
        with _alarm(seconds, expired):
            yield
    else:
        with _watchdog(seconds, expired):
            yield


@contextlib.contextmanager
def _alarm(seconds: float, expired: Expired) -> Iterator[None]:
    started = time.monotonic()
    entry = (started + seconds, expired)
    _deadlines.append(entry)
    is_outermost = len(_deadlines) == 1
    before: Any = signal.getsignal(signal.SIGALRM)
    left = signal.getitimer(signal.ITIMER_REAL)[0] if is_outermost else 0.0
    if is_outermost:
        signal.signal(signal.SIGALRM, _ring)
    _arm()
    try:
        yield
    finally:
        _deadlines.remove(entry)  # first: a late ring must not start the timer again
        signal.setitimer(signal.ITIMER_REAL, 0)
        if is_outermost:
            signal.signal(signal.SIGALRM, before)
            if left:  # somebody else's timer goes on
                rest = max(SOON, left - (time.monotonic() - started))
                signal.setitimer(signal.ITIMER_REAL, rest)
        else:
            _arm()


def _arm() -> None:
    """Ring at the nearest deadline."""
    nearest = min(deadline for deadline, _ in _deadlines)
    signal.setitimer(signal.ITIMER_REAL, max(SOON, nearest - time.monotonic()))


def _ring(_signal: int, frame: FrameType | None) -> None:
    if not _deadlines:
        return
    if not _may_interrupt(frame):
        signal.setitimer(signal.ITIMER_REAL, SOON)
        return
    _raise_overdue()
    _arm()


def check_limits() -> None:
    """Raise the limit of this thread that ran out while our books were written."""
    if _deadlines and threading.current_thread() is threading.main_thread():
        _raise_overdue()


def _raise_overdue() -> None:
    now = time.monotonic()
    for deadline, expired in _deadlines:  # the outermost limit goes first
        if deadline <= now + 0.0005:
            raise expired()


def _may_interrupt(frame: FrameType | None) -> bool:
    """The user's code may be interrupted; our books must not be left half written."""
    if frame is not None and frame.f_globals.get("__name__") == "contextlib":
        return False  # entering or leaving a limit, perhaps
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("orion."):
            return name in INTERRUPTED
        frame = frame.f_back
    return True


@contextlib.contextmanager
def _watchdog(seconds: float, expired: Expired) -> Iterator[None]:
    """Set an exception in this thread; it shows when byte code runs again."""
    thread = threading.get_ident()
    guard = threading.Lock()
    has_left = False
    error = expired()

    def bite() -> None:
        with guard:
            if not has_left:
                interrupt(thread, type(error))

    cancel = after(seconds, bite)
    try:
        yield
    except type(error) as bare:
        raise error from bare
    finally:
        cancel()
        with guard:
            has_left = True


def interrupt(thread: int, kind: type[BaseException]) -> None:
    """Raise an exception of this type in another thread, as soon as it can be."""
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(kind)
    )
