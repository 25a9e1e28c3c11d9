"""The reporter's interface, its verdicts, and which reporter this process uses."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Protocol

from orion.exceptions import OrionError
from orion.settings import Settings, settings

if TYPE_CHECKING:
    from orion.client.transport import Response
    from orion.engine.runs import FlowRun, TaskRun
    from orion.states import State

    class Sender(Protocol):
        """What the reporter needs of a transport."""

        def request(
            self,
            method: str,
            path: str,
            *,
            json: object = None,
            retry: bool = True,
            timeout: float | None = None,
        ) -> Response: ...


ACCEPT, REJECT, WAIT, ABORT = "ACCEPT", "REJECT", "WAIT", "ABORT"


class Verdict:
    """The server's answer to a proposed state."""

    __slots__ = ("delay", "reason", "state", "status")

    def __init__(
        self,
        status: str,
        state: State[Any] | None = None,
        *,
        delay: float = 0.0,
        reason: str = "",
    ) -> None:
        self.status, self.state = status, state
        self.delay, self.reason = delay, reason

    def __repr__(self) -> str:
        return f"Verdict({self.status}, {self.state!r}, {self.reason!r})"


class Reporter(Protocol):
    """Where an engine asks and tells."""

    is_offline: bool

    def create_flow_run(self, run: FlowRun, placeholder: TaskRun | None) -> None:
        """Make the run known; a subflow has a placeholder in its parent."""

    def adopt_flow_run(self, run: FlowRun) -> None:
        """Tell what is known of a run that the server has made."""

    def propose_flow(self, run: FlowRun, state: State[Any]) -> Verdict:
        """Ask whether the run may enter the state."""

    def is_gated(self, run: TaskRun) -> bool:
        """True if the task may start only when the server says so."""

    def begin_task(self, run: TaskRun, state: State[Any]) -> None:
        """Tell that a task run exists and is in this state."""

    def create_task(self, run: TaskRun, state: State[Any]) -> None:
        """Make a gated task run known, and wait until it is."""

    def propose_task(self, run: TaskRun, state: State[Any]) -> Verdict:
        """Ask whether the task run may enter the state."""

    def tell_task(self, run: TaskRun, state: State[Any], *, is_last: bool) -> None:
        """Tell that the task run is in this state now."""

    def settle(self, run: FlowRun) -> None:
        """Wait until what was told of this flow run has arrived."""

    def log(self, record: dict[str, Any]) -> None:
        """Pass on one log record."""

    def drain(self) -> None:
        """Wait until everything has arrived, or is written to disk."""


_lock = threading.Lock()
_reporter: Reporter | None = None
_made_for: Settings | None = None


def open_reporter() -> Reporter:
    """The reporter of this process, as the settings want it."""
    global _reporter, _made_for
    wanted = settings()
    with _lock:
        if _reporter is None or _made_for is not wanted:
            _reporter, _made_for = _make(wanted), wanted
        return _reporter


def use_reporter(reporter: Reporter) -> None:
    """Use this one as long as the settings stay as they are."""
    global _reporter, _made_for
    with _lock:
        _reporter, _made_for = reporter, settings()


def _make(wanted: Settings) -> Reporter:
    if wanted.is_offline:
        from orion.report.offline import OfflineReporter

        return OfflineReporter()
    from orion.client.transport import Transport
    from orion.report.classic import ClassicReporter

    transport = Transport(wanted)
    if wanted.mode == "prefer":
        try:
            transport.request("GET", "/health", retry=False)
        except OrionError as error:
            from orion.report.offline import OfflineReporter

            logger = logging.getLogger("orion.report")
            logger.warning("Running without a server: %s", error)
            return OfflineReporter()
    return ClassicReporter(transport)
