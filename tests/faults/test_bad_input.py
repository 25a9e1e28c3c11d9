"""Whatever arrives, each operation of our OpenAPI document answers and lives on."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.support.hostile import (
    CRITERIA,
    ODD,
    QUERIES,
    SEGMENTS,
    UNREADABLE,
    VALUES,
)
from tests.support.operations import Document, Operation, with_value
from tests.support.server import Server
from tests.support.wire import JSON, Reply, Wire, encoded

SECONDS = 5
MEGABYTES = 250  # by how much a server may grow meanwhile
SAMPLE = 6_000  # field mutations in a short run


@dataclass(frozen=True, slots=True)
class World:
    """The document, and objects that exist, by the name of the path's parameter."""

    operations: tuple[Operation, ...]
    document: Document
    known: dict[str, str]

    def address(self, operation: Operation, **instead: str) -> str:
        """The path with ids of objects that exist, or with what is given instead."""
        room = operation.path.strip("/").removeprefix("x/v1/").split("/")[0]

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            known = self.known.get(f"{room}/{name}") or self.known.get(name)
            return instead.get(name, quote(known or str(uuid4())))

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
    flow = wire.created("/flows/", {"name": "bad"})["id"]
    run = {"flow_id": flow, "state": {"type": "SCHEDULED"}}
    flow_run = wire.created("/flow_runs/", run)["id"]
    task = {"task_key": "t", "dynamic_key": "0", "flow_run_id": flow_run}
    task_run = wire.created("/task_runs/", task)["id"]
    pool = wire.created("/work_pools/", {"name": "bad", "type": "process"})
    deployment = {"name": "bad", "flow_id": flow, "work_pool_name": "bad"}
    deployment = wire.created("/deployments/", deployment)["id"]
    every_day = {"active": False, "schedule": {"interval": 86400}}
    schedules = f"/deployments/{deployment}/schedules"
    block_type = wire.created("/block_types/", {"name": "bad", "slug": "bad"})["id"]
    block_schema = {"fields": {"title": "bad"}, "block_type_id": block_type}
    block_schema = wire.created("/block_schemas/", block_schema)["id"]
    block = {"block_type_id": block_type, "block_schema_id": block_schema}
    block = wire.created("/block_documents/", block | {"name": "bad", "data": {}})
    wire.created("/v2/concurrency_limits/", {"name": "bad", "limit": 1})
    wire.created("/concurrency_limits/", {"tag": "bad", "concurrency_limit": 1})
    wire.created(f"/flow_runs/{flow_run}/input", {"key": "bad", "value": "1"})
    words = ("name", "work_pool_name", "flow_name", "deployment_name", "slug", "tag")
    known = dict.fromkeys((*words, "key", "id_or_name", "block_document_name"), "bad")
    known |= {
        "flows/id": flow,
        "flow_id": flow,
        "flow_runs/id": flow_run,
        "flow_run_id": flow_run,
        "task_runs/id": task_run,
        "task_run_id": task_run,
        "deployments/id": deployment,
        "deployment_id": deployment,
        "schedule_id": wire.created(schedules, [every_day])[0]["id"],
        "work_queues/id": pool["default_queue_id"],
        "block_types/id": block_type,
        "block_type_id": block_type,
        "block_schemas/id": block_schema,
        "block_schema_id": block_schema,
        "block_documents/id": block["id"],
    }
    # what deletes comes last, so that the others meet objects that exist
    operations = sorted(document.operations(), key=deletes)
    return World(tuple(operations), document, known)


def deletes(operation: Operation) -> bool:
    """Whether an operation takes objects away."""
    return operation.method == "DELETE" or operation.path.endswith("/bulk_delete")


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


@pytest.mark.timeout(1800)
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
