"""Foreign hosts and origins are refused, on HTTP and on sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import override_settings

from orion_site.fence import Fence, refused

OURS = [
    "localhost",
    "localhost:4200",
    "127.0.0.1:4200",
    "[::1]:4200",
    "LOCALHOST:4200",
]
FOREIGN = [
    "",
    "evil.example",
    "evil.example:4200",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "192.168.1.5:4200",
    "0.0.0.0:4200",
    "[::2]:4200",
    "localhost@evil.example",
    "evil.example#localhost",
]
FOREIGN_ORIGINS = [
    "http://evil.example",
    "https://evil.example:4200",
    "http://127.0.0.1:9999",
    "http://localhost:4200",  # the request says 127.0.0.1
    "null",
    "file://",
    "chrome-extension://abc",
    "http://127.0.0.1:4200.evil.example",
    "http://evil.example/127.0.0.1:4200",
    "ftp://127.0.0.1:4200",
]


def headers(host: str, origin: str | None = None) -> dict[bytes, bytes]:
    sent = {b"host": host.encode()}
    return sent if origin is None else sent | {b"origin": origin.encode()}


@pytest.mark.parametrize("host", OURS)
def test_our_own_names_get_in(host: str) -> None:
    assert refused(headers(host)) is None


@pytest.mark.parametrize("host", FOREIGN)
def test_foreign_hosts_are_told_what_to_do(host: str) -> None:
    answer = refused(headers(host))

    assert answer is not None
    assert answer[0] == 400
    assert "ORION_ALLOWED_HOSTS" in answer[1]["detail"]


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_foreign_origins_are_told_what_to_do(origin: str) -> None:
    answer = refused(headers("127.0.0.1:4200", origin))

    assert answer is not None
    assert answer[0] == 403
    assert "ORION_ALLOWED_ORIGINS" in answer[1]["detail"]


def test_our_own_origin_gets_in() -> None:
    assert refused(headers("127.0.0.1:4200", "http://127.0.0.1:4200")) is None


@override_settings(ANY_ADDRESS=True)
def test_a_server_on_all_addresses_answers_to_addresses_but_not_to_names() -> None:
    assert refused(headers("192.168.1.5:4200")) is None
    assert refused(headers("rebound.example:4200")) is not None


def connect(kind: str) -> list[dict[str, Any]]:
    """What a foreign connection is sent; the application behind must not run."""
    sent: list[dict[str, Any]] = []

    async def inner(*_: Any) -> None:
        raise AssertionError("the request got through")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    scope = {"type": kind, "headers": [(b"host", b"evil.example")]}
    asyncio.run(Fence(inner)(scope, receive, send))
    return sent


def test_a_foreign_request_ends_at_the_fence() -> None:
    assert connect("http")[0]["status"] == 400


def test_a_foreign_socket_is_closed_before_it_opens() -> None:
    assert connect("websocket") == [{"type": "websocket.close", "code": 1008}]
