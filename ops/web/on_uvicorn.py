"""The web server on uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ops.addresses import Address
from ops.web import Notice, event_loop
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

IDLE = 60  # seconds that a connection may be open without a request
HEAD_LIMIT = 64 * 1024  # bytes of request line and headers
PONG_WITHIN = 30.0  # seconds that a socket's client has for an answer to a ping
TOO_MUCH = "Request line and headers are too large: send at most 64 KiB of them."


class Connection(HttpToolsProtocol):
    """One connection: silent ones are closed, and endless headers refused."""

    _is_in_head = False  # whether request line and headers are still coming
    _head = 0  # bytes of them

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Who connects and says nothing has as long as who says nothing more."""
        super().connection_made(transport)
        self._wait_for_more()

    def data_received(self, data: bytes) -> None:
        """Let the parser have it, and see whether the request is whole now."""
        super().data_received(data)
        if self._is_in_head:
            self._head += len(data)
            if self._head > HEAD_LIMIT and not self.transport.is_closing():
                self.send_400_response(TOO_MUCH)
                return
            self._wait_for_more()
        elif self.cycle is not None and self.cycle.more_body:
            self._wait_for_more()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        """What comes next is the body; the application limits that."""
        self._is_in_head = False
        super().on_headers_complete()

    def _wait_for_more(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )


class UvicornServer(uvicorn.Server):
    """One uvicorn on one address."""

    def __init__(
        self,
        application: Any,
        address: Address,
        on_listening: Notice,
        on_stop: Notice,
    ) -> None:
        self.door = Door(application)
        config = uvicorn.Config(
            self.door,
            http=Connection,
            ws="websockets-sansio",
            ws_max_size=FRAME_LIMIT,
            ws_ping_timeout=PONG_WITHIN,
            ws_per_message_deflate=False,
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=IDLE,
            timeout_graceful_shutdown=CANCEL_WITHIN,
        )
        super().__init__(config)
        self._address = address
        self._on_listening = on_listening
        self._on_stop = on_stop
        self._running: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        self._is_asked = self._is_stopping = False

    def serve(self) -> None:  # type: ignore[override]
        """Serve until `finish`.

        Raises:
            PortBusy: somebody else listens there.
        """
        listening = self._address.listen(BACKLOG)
        collect_seldom()
        with asyncio.Runner(loop_factory=event_loop.new) as runner:
            runner.run(super().serve([listening]))
            self._running = None

    def finish(self) -> None:
        """Begin to stop; callable from signal handlers and any thread."""
        self._is_asked = True
        if self._running is not None:
            self._running.call_soon_threadsafe(self._begin_to_stop)

    def capture_signals(self) -> contextlib.nullcontext[None]:  # type: ignore[override]
        """Leave signals to whoever started us."""
        return contextlib.nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        loop = self._running = asyncio.get_running_loop()
        self._on_listening()
        if self._is_asked:  # before there was a loop to tell
            loop.call_soon(self._begin_to_stop)

    async def main_loop(self) -> None:
        """Renew the time in the headers until it is over."""
        while not self._over.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), timeout=1)
        for server in self.servers:
            server.close()
        self.door.is_closed = True
        deadline = time.monotonic() + FINISH_WITHIN
        while self.door.inside and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_EVERY)
        if self.door.inside:
            logger.warning("%s requests were not finished in time", self.door.inside)

    def _begin_to_stop(self) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            loop = asyncio.get_running_loop()
            stop_first(self._on_stop, lambda: loop.call_soon_threadsafe(self._over.set))
