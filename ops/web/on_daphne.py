"""The web server on daphne.

Importing this imports twisted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server
from twisted.internet import defer
from twisted.internet import reactor as _reactor
from twisted.internet.error import CannotListenError

from ops.addresses import Address, PortBusy
from ops.web import Notice
from ops.web.closing import SocketProtocol
from ops.web.door import (
    BACKLOG,
    CANCEL_WITHIN,
    FINISH_WITHIN,
    FRAME_LIMIT,
    LOOK_EVERY,
    Door,
    collect_seldom,
    stop_first,
)

logger = logging.getLogger(__name__)
reactor: Any = _reactor  # a module whose content is chosen at run time


class Request(WebRequest):  # type: ignore[misc]
    """One request; what its body means is the application's business."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, parsePOSTFormSubmission=False, **options)


class Requests(HTTPFactory):  # type: ignore[misc]
    """Makes a request of each; there is no access log to format a line for."""

    def buildProtocol(self, addr: Any) -> Any:
        """A connection whose requests are ours."""
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = Request
        return protocol

    def log(self, request: Any) -> None:
        """Nothing reads it."""


class DaphneServer(Server):  # type: ignore[misc]
    """One daphne on one address."""

    def __init__(
        self,
        application: Any,
        address: Address,
        on_listening: Notice,
        on_stop: Notice,
    ) -> None:
        self.door = Door(application)
        super().__init__(
            self.door,
            endpoints=["listens on its own"],
            signal_handlers=False,
            server_name="orion",
            verbosity=0,
            websocket_max_message_size=FRAME_LIMIT,
            websocket_max_frame_size=FRAME_LIMIT,
            ready_callable=self._listen,
        )
        self.endpoints: list[str] = []
        self._address = address
        self._port: Any = None
        self._problem: PortBusy | None = None
        self._on_listening = on_listening
        self._on_stop = on_stop
        self._is_stopping = False

    def serve(self) -> None:
        """Serve until `finish`.

        Raises:
            PortBusy: somebody else listens there.
        """
        collect_seldom()
        self.run()
        if self._problem is not None:
            raise self._problem

    def finish(self) -> None:
        """Begin to stop; callable from signal handlers and any thread."""
        if not self._is_stopping:
            self._is_stopping = True
            reactor.callFromThread(self._begin_to_stop)

    def kill_all_applications(self) -> Any:
        """Cancel what is left, which is sockets, and wait for it a little."""
        tasks = [
            details["application_instance"]
            for details in self.connections.values()
            if details.get("application_instance")
        ]
        waiting = [task for task in tasks if not task.done()]
        if not waiting:
            return None
        for task in waiting:
            task.cancel()
        over = asyncio.ensure_future(asyncio.wait(waiting, timeout=CANCEL_WITHIN))
        return defer.Deferred.fromFuture(over)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Pass on what the application sends; slow readers hold it up, not others."""
        await super().handle_reply(protocol, message)
        if isinstance(protocol, SocketProtocol):
            await protocol.drained()

    def _listen(self) -> None:
        self.ws_factory.protocol = SocketProtocol
        self.http_factory = Requests(self)
        host, port = self._address.host, self._address.port
        try:
            self._port = reactor.listenTCP(port, self.http_factory, BACKLOG, host)
        except CannotListenError as error:
            self._problem = PortBusy.at(self._address, error.socketError)
            reactor.callWhenRunning(reactor.stop)
            return
        reactor.callWhenRunning(self._on_listening)

    def _begin_to_stop(self) -> None:
        stop_first(self._on_stop, lambda: reactor.callFromThread(self._close))

    def _close(self) -> None:
        self._port.stopListening()
        self.door.is_closed = True
        self._leave_when_empty(time.monotonic() + FINISH_WITHIN)

    def _leave_when_empty(self, deadline: float) -> None:
        if self.door.inside and time.monotonic() < deadline:
            reactor.callLater(LOOK_EVERY, self._leave_when_empty, deadline)
            return
        if self.door.inside:
            logger.warning("%s requests were not finished in time", self.door.inside)
        # the last answers are still on their way out
        reactor.callLater(LOOK_EVERY, reactor.stop)
