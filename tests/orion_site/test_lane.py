"""Plain HTTP on the pool: bodies, limits, streams, clients that leave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from core.conf import conf
from orion_site.lane import Lane

seen: list[str] = []


def echo(request: HttpRequest) -> HttpResponse:
    seen.append(threading.current_thread().name)
    answer = HttpResponse(request.body, content_type="text/plain")
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    return StreamingHttpResponse(parts())


urlpatterns = [path("api/echo", echo), path("api/stream", stream)]


def ask(
    where: str, *parts: bytes, leaves: bool = False
) -> tuple[dict[str, Any], bytes, int]:
    """One request whose body comes in parts: start message, body, messages sent."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    messages.append(
        {"type": "http.disconnect"} if leaves else {"type": "http.request", "body": b""}
    )
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": where,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(Lane()(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return (sent[0] if sent else {}), body, len(sent)


@pytest.fixture(autouse=True)
def _addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


def test_a_body_in_parts_arrives_whole_on_a_lane_thread() -> None:
    start, body, _ = ask("/api/echo", b"ab", b"cd")

    assert (start["status"], body) == (200, b"abcd")
    assert seen[-1].startswith("lane")


def test_every_cookie_is_sent() -> None:
    start, _, _ = ask("/api/echo")

    cookies = [value for name, value in start["headers"] if name == b"set-cookie"]
    assert len(cookies) == 2


def test_streams_are_sent_part_by_part() -> None:
    start, body, messages = ask("/api/stream")

    assert (start["status"], body) == (200, b"one two")
    assert messages == 4


def test_a_body_over_the_limit_is_refused_before_it_is_read_whole() -> None:
    half = b"x" * (conf.body_limit // 2 + 1)

    start, body, _ = ask("/api/echo", half, half, half)

    assert start["status"] == 413
    assert "at most" in orjson.loads(body)["detail"]


def test_a_client_that_leaves_is_not_answered() -> None:
    _, _, messages = ask("/api/echo", b"half", leaves=True)

    assert messages == 0
