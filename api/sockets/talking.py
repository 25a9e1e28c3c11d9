"""What all sockets share: opening, the handshake, reading frames, closing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

SUBPROTOCOL = "prefect"
AUTH_SECONDS = 30.0  # to send the first frame
FRAME_LIMIT = 1_500_000  # bytes of one frame

NORMAL = 1000
PROTOCOL = 1002
UNREADABLE = 1007
POLICY = 1008
TOO_BIG = 1009

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Left(Exception):
    """The client closed the socket."""


class Closing(Exception):
    """We close the socket, with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """One accepted connection."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    async def open(self, subprotocol: str | None) -> None:
        """Accept the connection."""
        message = await self._receive()
        if message["type"] != "websocket.connect":
            raise Left
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def read(self) -> str:
        """The next frame.

        Raises:
            Left: the client closed the socket.
            Closing: the frame is too big, or no text.
        """
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Left
        frame = message.get("text")
        if frame is None:
            try:
                frame = (message.get("bytes") or b"").decode()
            except UnicodeDecodeError:
                raise Closing(UNREADABLE, "Frames are JSON in UTF-8") from None
        if len(frame) > FRAME_LIMIT:
            raise Closing(TOO_BIG, f"A frame has at most {FRAME_LIMIT} characters")
        return str(frame)

    async def write(self, content: Any) -> None:
        """Send a frame."""
        await self.write_text(orjson.dumps(content).decode())

    async def write_text(self, text: str) -> None:
        """Send a frame that is JSON already."""
        await self._send({"type": "websocket.send", "text": text})

    async def close(self, code: int, reason: str) -> None:
        """Close the connection."""
        message = {"type": "websocket.close", "code": code, "reason": reason}
        await self._send(message)


async def handshake(socket: Socket) -> None:
    """Wait for the auth frame. Without accounts any token is the local owner's.

    Raises:
        Closing: something else came, or nothing in time.
    """
    try:
        async with asyncio.timeout(AUTH_SECONDS):
            first = await socket.read()
    except TimeoutError:
        raise Closing(POLICY, "Expected 'auth' message") from None
    try:
        sent = orjson.loads(first)
    except orjson.JSONDecodeError:
        sent = None
    if not isinstance(sent, dict) or sent.get("type") != "auth":
        raise Closing(POLICY, "Expected 'auth' message")
    await socket.write({"type": "auth_success"})
