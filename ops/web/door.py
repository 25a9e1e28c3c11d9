"""What both web servers put around the application."""

from __future__ import annotations

import gc
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from ops.web import Notice

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

FINISH_WITHIN = 8.0  # seconds that requests in flight get when the server stops
CANCEL_WITHIN = 2  # seconds that sockets get to say goodbye
LOOK_EVERY = 0.02  # seconds between looks at who is still inside
BACKLOG = 511  # connections that wait to be accepted
FRAME_LIMIT = 2_000_000  # bytes; sockets have limits of their own below it
COLLECT_AFTER = (20_000, 20, 20)  # allocations, then collections of the generation


class Door:
    """An ASGI application around another: counts who is inside, can be closed."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.inside = 0
        self.is_closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or ask the client to come again in a second."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
        elif self.is_closed:
            await _come_again(send)
        else:
            self.inside += 1
            try:
                await self.inner(scope, receive, send)
            finally:
                self.inside -= 1


def stop_first(on_stop: Notice, then: Callable[[], object]) -> None:
    """End what belongs to the server, on a thread, while it can still report to us."""

    def stop() -> None:
        try:
            on_stop()
        finally:
            then()

    threading.Thread(target=stop, name="stop", daemon=True).start()


def collect_seldom() -> None:
    """What was loaded until now stays: the garbage collector need not look at it again.

    By default it walks through all of Django after every few hundred requests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def _come_again(send: Send) -> None:
    body = b'{"exception_message":"Service Unavailable"}'
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", b"1"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
