"""Routes `print` to the run's logger where a flow or task asks for it."""

from __future__ import annotations

import contextlib
import contextvars
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from orion.context import RunContext

_routed: contextvars.ContextVar[_Lines | None] = contextvars.ContextVar(
    "orion_prints", default=None
)
_lock = threading.Lock()
_users = 0


class _Lines:
    """Gathers what one run prints until a line is complete."""

    def __init__(self, context: RunContext) -> None:
        self._context, self._rest = context, ""

    def write(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._log(line)

    def close(self) -> None:
        rest, self._rest = self._rest, ""
        if rest:
            self._log(rest)

    def _log(self, line: str) -> None:
        token = _routed.set(None)  # a console handler writes to the real stream
        try:
            self._context.logger.info("%s", line)
        finally:
            _routed.reset(token)


class _Proxy:
    """Stands in for `sys.stdout` while some run routes its prints."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        lines = _routed.get()
        if lines is None:
            return self.stream.write(text)
        lines.write(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextlib.contextmanager
def routed(context: RunContext) -> Iterator[None]:
    """Route prints of the block to the run's logger, if the run wants that."""
    if not context.log_prints:
        yield
        return
    lines = _Lines(context)
    _install()
    token = _routed.set(lines)
    try:
        yield
    finally:
        _routed.reset(token)
        lines.close()
        _uninstall()


def _install() -> None:
    global _users
    with _lock:
        _users += 1
        if not isinstance(sys.stdout, _Proxy):
            sys.stdout = _Proxy(sys.stdout)


def _uninstall() -> None:
    global _users
    with _lock:
        _users -= 1
        if _users == 0 and isinstance(sys.stdout, _Proxy):
            sys.stdout = sys.stdout.stream
