"""Clients that send one byte a second take nothing from the others."""

from __future__ import annotations

import socket
import threading
import time

from tests.support.server import Server
from tests.support.wire import Wire

SOCKETS = 200
HEAD = (
    b"POST /api/logs/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/json\r\nContent-Length: 400\r\n\r\n"
)


def trickle(port: int, stop: threading.Event, ready: threading.Event) -> None:
    """Open many requests and feed each of them a byte a second."""
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(SOCKETS)]
    try:
        for each in sockets:
            each.sendall(HEAD)
        ready.set()
        while not stop.wait(1):
            for each in sockets:
                each.sendall(b"[")
    finally:
        for each in sockets:
            each.close()


def test_200_slow_senders_delay_nobody_by_more_than_a_second(
    server: Server, long: bool
):
    stop, ready = threading.Event(), threading.Event()
    slow = threading.Thread(target=trickle, args=(server.port, stop, ready))
    waited = []

    with Wire(server.port) as wire:  # what only the first request pays is paid
        assert wire.post("/flows/filter").ok
        assert wire.post("/flows/", {"name": "in a hurry"}).ok
    slow.start()
    try:
        assert ready.wait(timeout=30)
        until = time.monotonic() + (60 if long else 6)
        with Wire(server.port) as wire:
            while time.monotonic() < until:
                waited.append(wire.post("/flows/filter").seconds)
                assert wire.post("/flows/", {"name": "in a hurry"}).ok
    finally:
        stop.set()
        slow.join()

    assert len(waited) > 20
    assert max(waited) <= 1
