"""The web server stops without losing a request."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.postgres import free_port
from tests.support.server import ROOT

# an application whose /slow answers when a line comes on standard input
PROGRAM = """
import asyncio, signal, sys
import django
django.setup()
from ops.addresses import Address, PortBusy
from ops.web import web_server

release = asyncio.Event()

def say(word):
    print(word, flush=True)

async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        return
    if scope["path"] == "/slow":
        say("entered")
        asyncio.get_running_loop().add_reader(0, release.set)
        await release.wait()
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})

web = web_server(
    application,
    Address("127.0.0.1", int(sys.argv[1])),
    on_listening=lambda: say("listening"),
    on_stop=lambda: say("stopping"),
    kind=sys.argv[2],
)
signal.signal(signal.SIGTERM, lambda *given: web.finish())
try:
    web.serve()
except PortBusy as error:
    sys.exit(str(error))
say("ended")
"""

# which server `auto` is where packages are missing
ASK = """
import sys
import importlib.util as util
import django
django.setup()
find = util.find_spec
util.find_spec = lambda name: None if name in sys.argv[1:] else find(name)
from ops.addresses import Address
from ops.web import web_server
web = web_server(None, Address("127.0.0.1", 0), on_listening=None, on_stop=None)
print(type(web).__name__)
"""


class Program:
    """A small server in its own process."""

    def __init__(self, port: int, kind: str) -> None:
        self.port, self.kind = port, kind
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(port), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )

    def hear(self) -> str:
        """The next word that it says."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def get(self, path: str) -> httpx.Response:
        """A request on a connection of its own."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False)


@pytest.fixture(params=["uvicorn", "daphne"])
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    """The server, listening."""
    started = Program(free_port(), request.param)
    assert started.hear() == "listening"
    yield started
    started.process.kill()
    started.process.communicate()


def test_a_request_in_flight_is_finished_and_new_ones_are_not_begun(program):
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(program.get, "/slow")
        assert program.hear() == "entered"

        program.process.send_signal(signal.SIGTERM)
        assert program.hear() == "stopping"
        while _answers(program):
            pass
        assert not slow.done()
        assert program.process.stdin
        program.process.stdin.write("go\n")
        program.process.stdin.flush()

        assert slow.result(timeout=30).text == "ok"
    assert program.hear() == "ended"
    assert program.process.wait(timeout=30) == 0


def _answers(program: Program) -> bool:
    """Whether new requests are served; those in between are told to come again."""
    try:
        reply = program.get("/")
    except httpx.TransportError:
        return False
    assert reply.status_code == 200 or reply.headers["Retry-After"] == "1"
    return True


def test_an_idle_server_with_open_connections_stops_at_once(program):
    with httpx.Client(trust_env=False) as client:
        url = f"http://127.0.0.1:{program.port}/"
        assert client.get(url).status_code == 200

        program.process.send_signal(signal.SIGTERM)

        assert program.process.wait(timeout=30) == 0
    assert program.process.stderr
    assert program.process.stderr.read() == ""


def test_open_sockets_do_not_keep_the_server(program):
    request = (
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", program.port), timeout=30) as held:
        held.sendall(request.encode())
        assert held.recv(1000).startswith(b"HTTP/1.1 101")

        program.process.send_signal(signal.SIGTERM)

        assert program.process.wait(timeout=30) == 0


def test_a_port_that_was_taken_meanwhile_is_one_clear_line(program):
    second = Program(program.port, program.kind)

    said, problem = second.process.communicate(timeout=30)

    assert second.process.returncode == 1
    assert said == ""
    assert problem.startswith("Something already listens on 127.0.0.1 port")
    assert problem.count("\n") == 1


def test_endless_headers_are_refused():
    program = Program(free_port(), "uvicorn")
    assert program.hear() == "listening"
    try:
        with socket.create_connection(("127.0.0.1", program.port), timeout=30) as held:
            held.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            line = b"X-More: " + b"x" * 1000 + b"\r\n"
            with contextlib.suppress(ConnectionError):  # it stops reading at some point
                for _ in range(100):
                    held.sendall(line)
            said = held.recv(1000)
    finally:
        program.process.kill()
        program.process.communicate()

    assert said.startswith(b"HTTP/1.1 400")
    assert b"at most 64 KiB" in said


@pytest.mark.parametrize(
    ("missing", "kind"),
    [
        ((), "UvicornServer"),
        (("uvicorn",), "DaphneServer"),
        (("httptools",), "DaphneServer"),
        (("websockets",), "DaphneServer"),
    ],
)
def test_uvicorn_serves_where_it_is_installed_whole(missing, kind):
    asked = [sys.executable, "-c", ASK, *missing]

    ran = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == kind
