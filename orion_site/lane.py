"""The thread lane: plain HTTP in a fixed pool of long-lived threads.

Django's stock ASGI handler gives each request a new thread and with it a new database
connection. Here a few threads live as long as the process and keep theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import orjson
from django.core import signals
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from core.conf import conf
from core.executor import pool

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class TooLarge(Exception):
    """The body exceeds the limit."""


class ClientLeft(Exception):
    """The connection closed before the request was complete."""


class Lane(BaseHandler):
    """An ASGI application that runs Django's synchronous handler on the pool."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            body = await read(receive)
        except ClientLeft:
            return
        except TooLarge:
            await reply(send, 413, _too_large())
            return
        loop = asyncio.get_running_loop()

        def push(message: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(_send(send, message), loop).result()

        messages = await loop.run_in_executor(pool, self.serve, scope, body, push)
        for message in messages:
            await send(message)

    def serve(
        self, scope: Scope, body: bytes, push: Callable[[dict[str, Any]], None]
    ) -> list[dict[str, Any]]:
        """Run Django on a pool thread; the answer as ASGI messages still to send."""
        set_script_prefix(scope.get("root_path") or "/")
        signals.request_started.send(sender=self.__class__, scope=scope)
        response = self.get_response(ASGIRequest(scope, BytesIO(body)))
        start = _start(response)
        try:
            if not response.streaming:
                content = response.content  # type: ignore[attr-defined]
                return [start, {"type": "http.response.body", "body": content}]
            push(start)
            for part in response:
                push({"type": "http.response.body", "body": part, "more_body": True})
            return [{"type": "http.response.body", "body": b""}]
        finally:
            response.close()


async def read(receive: Receive) -> bytes:
    """The whole body.

    Raises:
        TooLarge: it exceeds `conf.body_limit`.
        ClientLeft: the connection closed first.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        part = message.get("body", b"")
        size += len(part)
        if size > conf.body_limit:
            raise TooLarge
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def reply(send: Send, status: int, content: Any) -> None:
    """Answer with JSON from the event loop."""
    body = orjson.dumps(content)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _too_large() -> dict[str, str]:
    return {
        "detail": f"Request body too large: at most {conf.body_limit} bytes are "
        "accepted; send the rest in further requests."
    }


async def _send(send: Send, message: dict[str, Any]) -> None:
    await send(message)


def _start(response: HttpResponseBase) -> dict[str, Any]:
    headers = [
        (name.lower().encode("latin1"), value.encode("latin1"))
        for name, value in response.items()
    ]
    headers += [
        (b"set-cookie", cookie.output(header="").encode("latin1").strip())
        for cookie in response.cookies.values()
    ]
    if not response.streaming and not response.has_header("Content-Length"):
        length = len(response.content)  # type: ignore[attr-defined]
        headers.append((b"content-length", str(length).encode()))
    return {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": headers,
    }
