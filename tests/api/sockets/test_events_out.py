"""The socket that tells events, without a server: frames, order, room."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from channels.testing import ApplicationCommunicator

from api.sockets import outlet as outlets
from api.sockets.events_out import tell, wish_of
from api.sockets.outlet import Listener, Outlet
from api.sockets.talking import Closing, Socket
from events.matching import Names, Wanted

CONNECT = {"type": "websocket.connect"}


class Silent(Outlet):
    """An outlet to which nothing happens."""

    async def join(self, listener: Listener) -> None:
        """Nothing will be told."""

    def leave(self, listener: Listener) -> None:
        """Nothing was."""


def converse(story: Callable[[Any], Awaitable[None]], *subprotocols: str) -> None:
    """Play a conversation with the socket."""

    async def play() -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            await tell(scope, Socket(receive, send), Silent())

        scope = {"type": "websocket", "subprotocols": list(subprotocols)}
        socket = ApplicationCommunicator(application, scope)
        await socket.send_input(CONNECT)
        assert (await socket.receive_output())["type"] == "websocket.accept"
        await story(socket)
        await socket.wait()

    asyncio.run(play())


async def say(socket: Any, frame: Any) -> None:
    """Send a frame."""
    text = frame if isinstance(frame, str) else json.dumps(frame)
    await socket.send_input({"type": "websocket.receive", "text": text})


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("{", "Expected 'filter' message"),
        ([], "Expected 'filter' message"),
        ({"type": "auth"}, "Expected 'filter' message"),
        ({"filter": {}}, "Expected 'filter' message"),
        ({"type": "filter"}, "Invalid filter: filter: Field required"),
        (
            {"type": "filter", "filter": {"event": {"name": 7}}},
            "Invalid filter: filter.event.name: Input should be a valid array",
        ),
    ],
)
def test_the_first_frame_after_the_handshake_is_a_filter(frame: Any, reason: str):
    async def story(socket: Any) -> None:
        await say(socket, {"type": "auth", "token": None})
        answer = await socket.receive_output()
        assert json.loads(answer["text"]) == {"type": "auth_success"}
        await say(socket, frame)
        closing = await socket.receive_output()
        assert (closing["code"], closing["reason"]) == (1002, reason)

    converse(story, "prefect")


def test_a_client_may_leave_at_any_time_without_complaint():
    async def story(socket: Any) -> None:
        await say(socket, {"type": "filter", "filter": {}, "backfill": False})
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})

    converse(story)


def test_what_newer_clients_add_to_a_filter_is_not_looked_at():
    wish = wish_of('{"type":"filter","filter":{"new":1,"event":{"name":["a"],"x":2}}}')

    assert wish.filter.wanted() == Wanted(names=Names(name=("a",)))
    assert wish.backfill


def test_a_filter_needs_no_more_than_its_limits():
    long = json.dumps({"type": "filter", "filter": {"text": {"query": "x" * 201}}})

    with pytest.raises(Closing) as closing:
        wish_of(long)

    assert closing.value.code == 1002


def test_for_a_client_that_reads_too_slowly_the_newest_events_are_dropped(monkeypatch):
    monkeypatch.setattr(outlets, "MOST", 3)

    async def story() -> list[str]:
        listener = Listener(Wanted())
        for number in range(5):
            event = {"id": uuid4(), "event": "x", "occurred": datetime.now(UTC)}
            event |= {"resource": {}, "related": [], "payload": {}}
            listener.offer(event, str(number))
        assert listener.dropped == 2
        return [(await listener.next())[1] for _ in range(3)]

    assert asyncio.run(story()) == ["0", "1", "2"]
