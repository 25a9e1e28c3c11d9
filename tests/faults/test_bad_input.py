"""Whatever arrives, each operation of our OpenAPI document answers and lives on."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.support.operations import Document, Operation, with_value
from tests.support.server import Server
from tests.support.wire import JSON, Reply, Wire, encoded

SECONDS = 5
MEGABYTES = 250  # by how much a server may grow meanwhile
SAMPLE = 6_000  # field mutations in a short run
UNREADABLE = {  # no operation accepts these
    "truncated": b'{"name": "x", "flow_id": "',
    "empty quotes": b'{"',
    "not a number": b'{"name": NaN, "limit": NaN, "parameters": {"x": NaN}}',
    "infinity": b'{"limit": Infinity, "offset": -Infinity}',
    "lone surrogate": rb'{"name": "\ud800", "tags": ["\udfff"]}',
    "raw surrogate": b'{"name": "\xed\xa0\x80"}',
    "not utf-8": b'{"name": "\xff\xfe"}',
    "5,000 lists": b"[" * 5000 + b"]" * 5000,
    "5,000 objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "5,000 levels in a field": b'{"parameters":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "10 MB": b'{"name": "' + b"x" * 10_000_000 + b'"}',
    "two documents": b"{} {}",
    "garbage": b"\x00\x01\x02",
    "python": b"{'name': 'x'}",
}
ODD = {  # refused or accepted, as the contract says; never broken by
    "nothing": b"",
    "null": b"null",
    "list": b"[]",
    "list of null": b"[null]",
    "list of lists": b"[[]]",
    "number": b"1",
    "string": b'"x"',
    "true": b"true",
    "blank key": b'{"": ""}',
    "NUL key": rb'{"\u0000": 1}',
    "NUL values": rb'{"name": "\u0000", "tags": ["\u0000"], "message": "\u0000"}',
    "same key twice": b'{"name": "a", "name": "b", "limit": 1, "limit": 2}',
    "5,000 digits": b'{"limit": ' + b"9" * 5000 + b', "offset": ' + b"9" * 5000 + b"}",
    "huge exponent": b'{"limit": 1e400, "offset": 1e308}',
    "a bare state": b'{"state": {"type": "NO SUCH STATE"}}',
    "state as text": b'{"state": "RUNNING"}',
    "state without type": b'{"state": {}}',
}
VALUES: dict[str, Any] = {
    "null": None,
    "empty text": "",
    "NUL": "\0",
    "NUL inside": "a\0b",
    "long text": "x" * 100_000,
    "markup": "<script>alert(1)</script>",
    "quote": "' OR 1=1 --",
    "wildcards": "%_\\",
    "not a uuid": "not-a-uuid",
    "unknown id": str(uuid4()),
    "true": True,
    "zero": 0,
    "negative": -1,
    "64 bits": 2**63,
    "70 bits": 2**70,
    "fraction": 0.5,
    "largest float": 1.7e308,
    "empty list": [],
    "list of null": [None],
    "list of NUL": ["\0"],
    "mixed list": [1, "a", None, {}, []],
    "empty object": {},
    "object": {"type": "NOPE", "any_": 1, "a": {"b": None}},
    "60 levels": json.loads("[" * 60 + "]" * 60),
    "100 levels": json.loads("[" * 100 + "]" * 100),
    "no such time": "2026-13-45T99:99:99Z",
    "first time": "0001-01-01T00:00:00+14:00",
    "last time": "9999-12-31T23:59:59.999999-14:00",
    "bad state": {"type": "EXPLODED", "name": 1, "state_details": []},
}
CRITERIA = (  # inside each entity of a filter; the document calls these objects
    ("operator",),
    ("id", "any_"),
    ("id", "not_any_"),
    ("name", "any_"),
    ("name", "like_"),
    ("tags", "all_"),
    ("tags", "any_"),
    ("tags", "is_null_"),
    ("state", "operator"),
    ("state", "type", "any_"),
    ("state", "name", "any_"),
    ("start_time", "before_"),
    ("start_time", "after_"),
    ("timestamp", "after_"),
    ("expected_start_time", "is_null_"),
    ("deployment_id", "any_"),
    ("deployment_id", "operator"),
    ("flow_run_id", "any_"),
    ("parent_flow_run_id", "any_"),
    ("parent_task_run_id", "is_null_"),
    ("idempotency_key", "any_"),
    ("level", "ge_"),
    ("subflow_runs", "exists_"),
    ("text", "query"),
    ("paused", "eq_"),
    ("slug", "any_"),
)
SEGMENTS = (
    "not-a-uuid",
    str(uuid4()),
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "..%2f..%2fetc",
    "%2e%2e",
    "'%20OR%201=1",
    "x" * 3000,
    "0",
)
QUERIES = ("", "x", "-1", "1e400", "%00", "%ff", "null", "not-a-uuid", "9" * 400)


@dataclass(frozen=True, slots=True)
class World:
    """The document, and objects that exist, by the name of the path's parameter."""

    operations: tuple[Operation, ...]
    document: Document
    known: dict[str, str]

    def address(self, operation: Operation, **instead: str) -> str:
        """The path with ids of objects that exist, or with what is given instead."""
        room = operation.path.strip("/").split("/")[0]

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            known = self.known.get(room if name == "id" else name, str(uuid4()))
            return instead.get(name, quote(known))

        return re.sub(r"\{(\w+)\}", value, operation.path)

    def body(self, operation: Operation) -> Any:
        """A valid body, with ids of objects that exist."""
        if operation.body is None:
            return None
        body = self.document.example(operation.body)
        if isinstance(body, dict):
            body |= {name: self.known[name] for name in body if name in self.known}
        return body


def places(world: World, operation: Operation) -> Iterator[tuple[str | int, ...]]:
    """Where a value may stand in the body of an operation."""
    if operation.body is None:
        return
    for at in world.document.fields(operation.body, depth=4):
        yield at
        if len(at) == 1 and operation.path.endswith(("/filter", "/count")):
            yield from ((*at, *criterion) for criterion in CRITERIA)


@pytest.fixture(scope="module")
def wire(server: Server) -> Iterator[Wire]:
    with Wire(server.port, timeout=30) as connection:
        yield connection


@pytest.fixture(scope="module")
def world(wire: Wire) -> World:
    document = Document(wire.get("/openapi.json").json())
    flow = wire.created("/flows/", {"name": "bad input"})["id"]
    run = {"flow_id": flow, "state": {"type": "SCHEDULED"}}
    flow_run = wire.created("/flow_runs/", run)["id"]
    task = {"task_key": "t", "dynamic_key": "0", "flow_run_id": flow_run}
    task_run = wire.created("/task_runs/", task)["id"]
    deployment = wire.created("/deployments/", {"name": "d", "flow_id": flow})["id"]
    known = {
        "flows": flow,
        "flow_runs": flow_run,
        "task_runs": task_run,
        "deployments": deployment,
        "flow_id": flow,
        "flow_run_id": flow_run,
        "task_run_id": task_run,
        "deployment_id": deployment,
    }
    return World(tuple(document.operations()), document, known)


def what_is_wrong(reply: Reply, *, readable: bool = True) -> str | None:
    """Why an answer is not one the contract knows."""
    if reply.status >= 500:
        return f"{reply.status} {reply.content[:300]!r}"
    if reply.seconds > SECONDS:
        return f"took {reply.seconds:.1f} s"
    if not readable and reply.status < 400:
        return f"accepted with {reply.status}"
    if reply.status >= 400:
        try:
            error = reply.json()
        except ValueError:
            return f"{reply.status} without JSON: {reply.content[:100]!r}"
        if not {"detail", "exception_message"} & set(error):
            return f"{reply.status} in another shape: {reply.content[:200]!r}"
    return None


def settle(attempts: Iterator[tuple[str, Reply, bool]], note: str = "") -> None:
    """Fail with every wrong answer and its reason."""
    judged = [(what, what_is_wrong(reply, readable=ok)) for what, reply, ok in attempts]
    wrong = [f"{what}: {reason}" for what, reason in judged if reason]
    assert judged
    assert not wrong, f"{len(wrong)} of {len(judged)} {note}\n" + "\n".join(wrong[:60])


def test_no_body_breaks_an_operation(wire: Wire, world: World):
    def attempts() -> Iterator[tuple[str, Reply, bool]]:
        for operation in world.operations:
            if operation.body is None:
                continue
            path = world.address(operation)
            for name, body in (UNREADABLE | ODD).items():
                reply = wire.call(operation.method, path, body)
                yield f"{operation} {name}", reply, name not in UNREADABLE

    settle(attempts())


def test_no_value_breaks_a_field(wire: Wire, world: World, long: bool):
    everything = [
        (operation, at, name)
        for operation in world.operations
        for at in places(world, operation)
        for name in VALUES
    ]
    seed = random.randrange(2**32)
    if not long:
        size = min(SAMPLE, len(everything))
        everything = random.Random(seed).sample(everything, size)

    def attempts() -> Iterator[tuple[str, Reply, bool]]:
        for operation, at, name in everything:
            body = with_value(world.body(operation), at, VALUES[name])
            reply = wire.call(operation.method, world.address(operation), body)
            place = ".".join(map(str, at))
            yield f"{operation} {place} = {name}", reply, True

    settle(attempts(), f"seed {seed}")


def test_no_path_breaks_an_operation(wire: Wire, world: World):
    def attempts() -> Iterator[tuple[str, Reply, bool]]:
        for operation in world.operations:
            for name in re.findall(r"\{(\w+)\}", operation.path):
                for segment in SEGMENTS:
                    path = world.address(operation, **{name: segment})
                    reply = wire.call(operation.method, path, world.body(operation))
                    yield f"{operation.method} {path[:120]}", reply, True

    settle(attempts())


def test_no_query_breaks_an_operation(wire: Wire, world: World):
    def attempts() -> Iterator[tuple[str, Reply, bool]]:
        for operation in world.operations:
            names = [p["name"] for p in operation.parameters if p["in"] == "query"]
            for name in names:
                for value in QUERIES:
                    path = f"{world.address(operation)}?{name}={value}"
                    reply = wire.call(operation.method, path, world.body(operation))
                    yield f"{operation.method} {path[:120]}", reply, True

    settle(attempts())


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_other_content_types_are_refused(wire: Wire, kind: str):
    reply = wire.call("POST", "/flows/", b"name=x", headers={"Content-Type": kind})

    assert reply.status == 415
    assert what_is_wrong(reply) is None


def test_a_refused_body_does_not_harm_the_next_request(wire: Wire):
    for body in UNREADABLE.values():
        assert 400 <= wire.call("POST", "/flows/", body).status < 500
        assert wire.post("/flows/", {"name": "unharmed"}).ok


def test_text_comes_back_as_it_was_sent(wire: Wire):
    name = "π ≠ 3 🌳 \u202e <b>'\"\\ %_"
    flow = wire.created("/flows/", {"name": "tagged", "tags": [name]})
    body = encoded({"name": "tagged"})

    again = wire.call("POST", "/flows/", body, headers=JSON).json()

    assert again["id"] == flow["id"]
    assert again["tags"] == [name]


def memory(server: Server) -> float:
    """Megabytes in RAM of the server and its children."""
    total = 0
    for pid in server.pids():
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            total += int(re.findall(r"VmRSS:\s+(\d+)", status.read())[0])
    return total / 1024


def test_large_bodies_leave_no_memory_behind(server: Server, wire: Wire):
    before = memory(server)

    for _ in range(40):
        assert 400 <= wire.call("POST", "/logs/", UNREADABLE["10 MB"]).status < 500

    assert memory(server) - before < MEGABYTES
    assert server.is_healthy()
