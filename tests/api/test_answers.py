"""Answers have the shapes that both of the protocol's documents promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from core.clock import now
from runs.models import FlowRun, TaskRun
from tests import factories as make
from tests.contract import shapes


@dataclass(frozen=True, slots=True)
class World:
    """Objects that operations ask about."""

    run: FlowRun
    task: TaskRun
    text: str

    def ids(self, room: str) -> Any:
        """The id that `{id}` stands for in a room."""
        return {
            "flows": self.run.flow_id,
            "flow_runs": self.run.pk,
            "task_runs": self.task.pk,
            "flow_run_states": self.run.state_id,
            "task_run_states": self.task.state_id,
        }[room]


def _line(world: World) -> list[dict[str, Any]]:
    at = now().isoformat()
    return [{"name": "n", "level": 20, "message": "m", "timestamp": at}]


RUNNING = {"state": {"type": "RUNNING"}}
HOURS = {
    "history_start": "2026-01-01T00:00:00Z",
    "history_end": "2026-01-01T02:00:00Z",
    "history_interval_seconds": 3600,
}
# operation -> the body it is sent; None where it has none
CALLS: dict[str, Any] = {
    "POST /flows/": lambda world: {"name": "new", "tags": ["t"]},
    "POST /flows/filter": {},
    "POST /flows/count": {},
    "POST /flows/paginate": {},
    "POST /flows/bulk_delete": {},
    "DELETE /flows/{id}": None,
    "GET /flows/name/{name}": None,
    "GET /flows/{id}": None,
    "PATCH /flows/{id}": {"tags": []},
    "POST /flow_runs/": lambda world: {
        "flow_id": str(world.run.flow_id),
        "state": {"type": "SCHEDULED"},
    },
    "POST /flow_runs/filter": {},
    "POST /flow_runs/count": {},
    "POST /flow_runs/paginate": {},
    "POST /flow_runs/history": HOURS,
    "POST /flow_runs/lateness": {},
    "POST /flow_runs/bulk_set_state": RUNNING,
    "POST /flow_runs/bulk_delete": {},
    "DELETE /flow_runs/{id}": None,
    "GET /flow_runs/{id}": None,
    "PATCH /flow_runs/{id}": {"name": "new"},
    "POST /flow_runs/{id}/set_state": RUNNING,
    "POST /flow_runs/{id}/resume": {},
    "PATCH /flow_runs/{id}/labels": {"a": 1},
    "POST /flow_runs/{id}/input": {"key": "new", "value": "v"},
    "POST /flow_runs/{id}/input/filter": {"prefix": "k"},
    "GET /flow_runs/{id}/input/{key}": None,
    "DELETE /flow_runs/{id}/input/{key}": None,
    "POST /task_runs/": lambda world: {
        "task_key": "k",
        "dynamic_key": str(uuid4()),
        "flow_run_id": str(world.run.pk),
    },
    "POST /task_runs/filter": {},
    "POST /task_runs/count": {},
    "POST /task_runs/paginate": {},
    "POST /task_runs/history": HOURS,
    "DELETE /task_runs/{id}": None,
    "GET /task_runs/{id}": None,
    "PATCH /task_runs/{id}": {"name": "new"},
    "POST /task_runs/{id}/set_state": RUNNING,
    "GET /flow_run_states/": None,
    "GET /flow_run_states/{id}": None,
    "GET /task_run_states/": None,
    "GET /task_run_states/{id}": None,
    "POST /logs/": _line,
    "POST /logs/filter": {},
    "GET /health": None,
    "GET /ready": None,
    "GET /version": None,
    "GET /hello": None,
    "GET /admin/version": None,
    "GET /admin/storage": None,
}
REFUSED = {"GET /csrf-token"}  # there are no tokens
ROOMS = (
    "/flows/",
    "/flow_runs/",
    "/task_runs/",
    "/flow_run_states/",
    "/task_run_states/",
    "/logs/",
    "/admin/",
)


@pytest.fixture
def world(api) -> World:
    run = make.flow_run(make.running(), idempotency_key="k", tags=["t"])
    task = make.task_run(make.pending(), flow_run=run)
    make.log(run)
    api.post(f"/flow_runs/{run.pk}/input", {"key": "k", "value": "text"})
    return World(run, task, "k")


def address(world: World, path: str) -> str:
    """The path with names of objects that exist, and the query it needs."""
    room = path.split("/")[1]
    if path.endswith("_states/"):
        owner = world.run if "flow" in path else world.task
        return f"{path}?{room.removesuffix('_states')}_id={owner.pk}"
    names = {"{name}": world.run.flow.name, "{key}": "k"}
    for part, value in names.items():
        path = path.replace(part, value)
    return path.replace("{id}", str(world.ids(room))) if "{id}" in path else path


@pytest.mark.parametrize("operation", CALLS)
def test_an_answer_has_the_promised_shape(api, world, operation):
    method, path = operation.split()
    body = CALLS[operation]
    body = body(world) if callable(body) else body

    reply = api.call(method, address(world, path), body)

    assert 200 <= reply.status < 300, reply.content
    is_text = reply.headers.get("Content-Type", "").startswith("text/plain")
    if reply.content and not is_text:
        for generation in shapes.GENERATIONS:
            assert shapes.complaints(generation, operation, reply.json) == []


def test_every_operation_of_these_rooms_is_tried():
    ours = {
        name
        for name in set(shapes.all_operations()) - shapes.not_built()
        if name.split()[1].startswith(ROOMS)
        or name.split()[1] in {"/health", "/ready", "/version", "/hello"}
    }

    assert ours - set(CALLS) - REFUSED == set()
