"""`/events/out`: clients hear what happens, one event per frame.

After the handshake the client sends its filter. It gets the fitting events of the last
minutes, oldest first, and then each event as it appears, once. Nothing is repeated: a
client that reads too slowly misses the events for which there was no room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from pydantic import ValidationError

from api.base.events import EventFilter
from api.base.wire import Wire
from api.sockets.outlet import Listener, Outlet, frame
from api.sockets.talking import (
    PROTOCOL,
    SUBPROTOCOL,
    Closing,
    Left,
    Receive,
    Scope,
    Send,
    Socket,
    handshake,
)
from core.clock import now
from core.executor import in_thread
from events import feed
from events.matching import Wanted
from runs.telling import told

BACK = timedelta(minutes=15)  # how far back the first events lie
MOST_BACK = 1000  # of them

_outlets: WeakKeyDictionary[asyncio.AbstractEventLoop, Outlet] = WeakKeyDictionary()


class FilterFrame(Wire):
    """The first frame after the handshake."""

    type: Literal["filter"]
    filter: EventFilter
    backfill: bool = True


async def events_out(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one socket. Those without the sub-protocol start with the filter."""
    await tell(scope, Socket(receive, send), outlet())


def outlet() -> Outlet:
    """The one outlet of this process's event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _outlets:
        _outlets[loop] = Outlet()
    return _outlets[loop]


async def tell(scope: Scope, socket: Socket, outlet: Outlet) -> None:
    """Send events until the client leaves."""
    offered = SUBPROTOCOL in scope.get("subprotocols", ())
    try:
        await socket.open(SUBPROTOCOL if offered else None)
        if offered:
            await handshake(socket)
        wish = wish_of(await socket.read())
        await _serve(socket, outlet, wish)
    except Left:
        return
    except Closing as end:
        await socket.close(end.code, end.reason)


def wish_of(sent: str) -> FilterFrame:
    """What the client wants to hear.

    Raises:
        Closing: it is no filter frame; the reason says what was wanted.
    """
    try:
        return FilterFrame.model_validate_json(sent)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = first["loc"]
        if not place or place == ("type",):
            raise Closing(PROTOCOL, "Expected 'filter' message") from None
        where = ".".join(map(str, place))
        reason = f"Invalid filter: {where}: {first['msg']}"
        raise Closing(PROTOCOL, reason[:120]) from None


async def _serve(socket: Socket, outlet: Outlet, wish: FilterFrame) -> None:
    """Write and listen at once, until one of them ends; then end both."""
    listener = Listener(wish.filter.wanted())
    writing = asyncio.create_task(_write(socket, outlet, listener, wish.backfill))
    leaving = asyncio.create_task(_until_left(socket))
    try:
        done, _ = await asyncio.wait(
            (writing, leaving), return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()
    finally:
        outlet.leave(listener)
        for task in (writing, leaving):
            task.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)


async def _until_left(socket: Socket) -> None:
    """Clients have nothing more to say; what they send is not looked at."""
    while True:
        await socket.read()


async def _write(
    socket: Socket, outlet: Outlet, listener: Listener, backfill: bool
) -> None:
    await outlet.join(listener)
    told: set[UUID] = set()
    if backfill:
        for id, text in await in_thread(past, listener.wanted, now()):
            told.add(id)
            await socket.write_text(text)
    while True:
        id, text = await listener.next()
        if id not in told:
            await socket.write_text(text)
        told.discard(id)


def past(wanted: Wanted, at: datetime) -> list[tuple[UUID, str]]:
    """The events of the last minutes that are wanted, oldest first."""
    since = max(wanted.since or at - BACK, at - BACK)
    until = wanted.until or at + BACK
    names = (wanted.names.name, wanted.names.prefix)
    rows = feed.past(since, until, names, MOST_BACK)
    return list(_fitting(wanted, told(rows)))


def _fitting(
    wanted: Wanted, events: Iterable[dict[str, Any]]
) -> Iterable[tuple[UUID, str]]:
    for event in events:
        if wanted.match_row(event["event"], event["occurred"]) and wanted.match(event):
            yield event["id"], frame(event)
