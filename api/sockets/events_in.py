"""`/events/in`: clients tell what happened, one event per frame.

Nothing is acknowledged. A frame is safe once its batch is stored, which takes some
hundredths of a second; frames that were on their way when the server died are lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson

from api.sockets.inlet import Inlet
from api.sockets.talking import (
    SUBPROTOCOL,
    UNREADABLE,
    Closing,
    Left,
    Receive,
    Scope,
    Send,
    Socket,
    handshake,
)
from core.executor import in_thread
from events import inbox

_inlets: WeakKeyDictionary[asyncio.AbstractEventLoop, Inlet] = WeakKeyDictionary()


async def events_in(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one socket. Those without the sub-protocol start with an event at once."""
    await listen(scope, Socket(receive, send), inlet())


def inlet() -> Inlet:
    """The one inlet of this process's event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _inlets:
        _inlets[loop] = Inlet(_store)
    return _inlets[loop]


async def _store(frames: Sequence[str]) -> None:
    await in_thread(inbox.receive, frames)


async def listen(scope: Scope, socket: Socket, inlet: Inlet) -> None:
    """Take frames until the client leaves or sends something else."""
    last = 0
    offered = SUBPROTOCOL in scope.get("subprotocols", ())
    try:
        await socket.open(SUBPROTOCOL if offered else None)
        if offered:
            await handshake(socket)
        while True:
            last = await inlet.take(event(await socket.read()))
    except Left:
        return
    except Closing as end:
        await socket.close(end.code, end.reason)
    finally:
        await inlet.settled(last)


def event(frame: str) -> str:
    """The frame, if it is an event; NUL characters are dropped.

    Raises:
        Closing: it is none; the reason says what was wanted.
    """
    if "\\u0000" in frame:
        frame = _without_nul(frame)
    wrong = _complaint(frame)
    if wrong:
        raise Closing(UNREADABLE, f"Invalid event: {wrong}"[:120])
    return frame


def _complaint(frame: str) -> str | None:
    try:
        sent = orjson.loads(frame)
    except orjson.JSONDecodeError as error:
        return f"JSON is wanted: {error}"
    if not isinstance(sent, dict):
        return "an object is wanted"
    resource = sent.get("resource")
    if not isinstance(sent.get("event"), str):
        return "'event' must be text"
    if not isinstance(resource, dict) or not isinstance(
        resource.get("prefect.resource.id"), str
    ):
        return "'resource' must be an object with a prefect.resource.id"
    try:
        UUID(sent["id"])
        datetime.fromisoformat(sent["occurred"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return "'id' must be a UUID and 'occurred' a time"
    if not isinstance(sent.get("related"), list | None):
        return "'related' must be a list"
    if not isinstance(sent.get("payload"), dict | None):
        return "'payload' must be an object"
    return None


def _without_nul(frame: str) -> str:
    try:
        return orjson.dumps(_stripped(orjson.loads(frame))).decode()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
        return frame


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_stripped(item) for item in value]
    if isinstance(value, dict):
        return {_stripped(key): _stripped(item) for key, item in value.items()}
    return value
