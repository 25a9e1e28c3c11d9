"""Everything at once: the web server, the loops in its process, one agent beside it."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string

from core.conf import conf
from core.loops import Supervisor, find_loops
from ops.addresses import Address
from ops.agents import AgentProcess
from ops.web import web_server

logger = logging.getLogger(__name__)

LOOPS_WITHIN = 10.0  # seconds for ticks to finish
EXIT_WITHIN = 5.0  # seconds for threads to end after that


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start."""

    address: Address
    has_services: bool = True
    has_agent: bool = True


class Start:
    """One server process and what belongs to it."""

    def __init__(self, plan: Plan, *, on_ready: Callable[[str], None]) -> None:
        self._plan = plan
        self._on_ready = on_ready
        self._loops: Supervisor | None = None
        self._agent: AgentProcess | None = None
        self._is_broken = False
        self._stopping = threading.Event()

    def run(self, *, signals: bool = True) -> int:
        """Serve until SIGTERM or SIGINT; the exit status.

        Raises:
            PortBusy: somebody else listens there.
        """
        application = import_string(settings.ASGI_APPLICATION)
        self._web = web_server(
            application,
            self._plan.address,
            on_listening=self._when_listening,
            on_stop=self._stop_children,
            kind=conf.web_server,
        )
        if signals:
            signal.signal(signal.SIGTERM, self._note)
            signal.signal(signal.SIGINT, self._note)
        self._web.serve()
        if self._loops is not None and not self._loops.stop(within=LOOPS_WITHIN):
            logger.warning("a loop did not end in time")
        _leave_in_any_case()
        return 1 if self._is_broken else 0

    def finish(self) -> None:
        """Stop as SIGTERM does."""
        self._stopping.set()
        self._web.finish()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._stopping.is_set():  # asked twice: at once
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self.finish()

    def _when_listening(self) -> None:
        self._on_ready(f"{self._plan.address.url}/")
        if self._plan.has_agent:
            self._agent = AgentProcess(f"{self._plan.address.url}/api")
            self._agent.start()
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def _warm_up(self) -> None:
        """Import what the first requests need, then start the loops."""
        try:
            _ = get_resolver().url_patterns
            loops = find_loops()
        except BaseException:  # the thread's traceback tells; half a server is none
            self._is_broken = True
            self.finish()
            raise
        if not self._plan.has_services:
            loops = [loop for loop in loops if loop.in_every_server]
        self._loops = Supervisor(loops)
        if self._stopping.is_set():
            return
        self._loops.start()

    def _stop_children(self) -> None:
        if self._agent is not None:
            self._agent.stop()


def _leave_in_any_case() -> None:
    """A thread that hangs must not keep the process."""
    timer = threading.Timer(EXIT_WITHIN, os._exit, [0])
    timer.daemon = True
    timer.start()
