from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from channels.testing import ApplicationCommunicator

from api.sockets import talking
from api.sockets.events_in import listen
from api.sockets.inlet import Inlet
from api.sockets.talking import FRAME_LIMIT, Socket

CONNECT = {"type": "websocket.connect"}
LEAVE = {"type": "websocket.disconnect", "code": 1000}


def event(**fields: Any) -> dict[str, Any]:
    given = {
        "id": str(uuid4()),
        "occurred": "2026-01-31T12:00:00Z",
        "event": "prefect.flow-run.heartbeat",
        "resource": {"prefect.resource.id": "prefect.flow-run.x"},
    }
    return {**given, "related": [], "payload": {}, **fields}


def converse(story, *subprotocols: str) -> list[str]:
    """Open a socket, play a conversation on it; the frames that were stored."""
    stored: list[str] = []

    async def store(frames: Sequence[str]) -> None:
        stored.extend(frames)

    async def play() -> None:
        inlet = Inlet(store)

        async def application(scope: Any, receive: Any, send: Any) -> None:
            await listen(scope, Socket(receive, send), inlet)

        scope = {"type": "websocket", "subprotocols": list(subprotocols)}
        socket = ApplicationCommunicator(application, scope)
        await socket.send_input(CONNECT)
        accepted = await socket.receive_output()
        assert accepted["type"] == "websocket.accept"
        assert accepted["subprotocol"] == (subprotocols[0] if subprotocols else None)
        await story(socket)
        await socket.wait()

    asyncio.run(play())
    return stored


async def say(socket: Any, frame: Any) -> None:
    """Send a frame; what is no text is sent as JSON."""
    text = frame if isinstance(frame, str) else json.dumps(frame)
    await socket.send_input({"type": "websocket.receive", "text": text})


async def closing(socket: Any) -> tuple[int, str]:
    """Code and reason of the server's close."""
    message = await socket.receive_output()
    assert message["type"] == "websocket.close", message
    return message["code"], message["reason"]


def test_events_after_the_handshake_are_stored_in_order():
    events = [event() for _ in range(5)]

    async def story(socket: Any) -> None:
        await say(socket, {"type": "auth", "token": None})
        answer = await socket.receive_output()
        assert json.loads(answer["text"]) == {"type": "auth_success"}
        for one in events:
            await say(socket, one)
        await socket.send_input(LEAVE)

    assert [json.loads(frame) for frame in converse(story, "prefect")] == events


def test_without_the_subprotocol_the_first_frame_is_an_event():
    sent = event()

    async def story(socket: Any) -> None:
        await say(socket, sent)
        await socket.send_input(LEAVE)

    assert [json.loads(frame) for frame in converse(story)] == [sent]


@pytest.mark.parametrize("frame", ["", "{", '"auth"', {"type": "hello"}, [1], event()])
def test_anything_but_auth_comes_too_early(frame):
    async def story(socket: Any) -> None:
        await say(socket, frame)
        assert await closing(socket) == (1008, "Expected 'auth' message")

    assert converse(story, "prefect") == []


def test_a_silent_client_is_sent_away(monkeypatch):
    monkeypatch.setattr(talking, "AUTH_SECONDS", 0.05)

    async def story(socket: Any) -> None:
        assert await closing(socket) == (1008, "Expected 'auth' message")

    assert converse(story, "prefect") == []


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "NaN",
        "[]",
        '{"event": "\\ud800"}',
        "[" * 5000,
        {},
        event(id="x"),
        event(id=None),
        event(occurred="noon"),
        event(occurred=7),
        event(event=None),
        event(resource=None),
        event(resource={}),
        event(resource={"prefect.resource.id": 7}),
        event(related={}),
        event(payload=[]),
    ],
)
def test_what_is_no_event_closes_the_socket_and_keeps_what_came_before(frame):
    before = event()

    async def story(socket: Any) -> None:
        await say(socket, before)
        await say(socket, frame)
        code, reason = await closing(socket)
        assert code == 1007
        assert reason.startswith("Invalid event: ")
        assert len(reason.encode()) <= 123  # what a close frame can carry

    assert [json.loads(frame) for frame in converse(story)] == [before]


def test_a_frame_has_a_size():
    async def story(socket: Any) -> None:
        await say(socket, "x" * (FRAME_LIMIT + 1))
        assert (await closing(socket))[0] == 1009

    assert converse(story) == []


def test_bytes_are_read_as_text():
    sent = event()

    async def story(socket: Any) -> None:
        raw = json.dumps(sent).encode()
        await socket.send_input({"type": "websocket.receive", "bytes": raw})
        await socket.send_input({"type": "websocket.receive", "bytes": b"\xff"})
        assert (await closing(socket))[0] == 1007

    assert [json.loads(frame) for frame in converse(story)] == [sent]


def test_nul_characters_are_dropped():
    async def story(socket: Any) -> None:
        await say(socket, event(payload={"a\0": ["b\0", {"c": 1}]}))
        await socket.send_input(LEAVE)

    frames = converse(story)

    assert json.loads(frames[0])["payload"] == {"a": ["b", {"c": 1}]}
