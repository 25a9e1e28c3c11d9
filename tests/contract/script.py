"""Steps whose whole answers are kept, for cases about shapes and statuses."""

from __future__ import annotations

from typing import Any

from tests.golden.script import Step

WHOLE = "whole"
STATUS = "status"
COUNT = "count"


def post(path: str, body: Any = None, keep: str = WHOLE, **names: str) -> Step:
    """A POST; `names` gives symbols to ids of the answer."""
    return Step("POST", path, {} if body is None else body, keep, names)


def get(path: str, keep: str = WHOLE, **names: str) -> Step:
    """A GET."""
    return Step("GET", path, None, keep, names)


def patch(path: str, body: Any) -> Step:
    """A PATCH."""
    return Step("PATCH", path, body, WHOLE)


def delete(path: str) -> Step:
    """A DELETE."""
    return Step("DELETE", path, None, WHOLE)


def flow(known: str = "flow", **fields: Any) -> Step:
    """A flow, `$flow`."""
    body = {"name": f"{known}-$token", **fields}
    return Step("POST", "/flows/", body, STATUS, {known: "id"})


def deployment(known: str = "deployment", keep: str = WHOLE, **fields: Any) -> Step:
    """A deployment of the flow, `$deployment`."""
    body = {"name": f"{known}-$token", "flow_id": "$flow", **fields}
    return Step("POST", "/deployments/", body, keep, {known: "id"})


def pool(keep: str = STATUS, name: str = "pool-$token", **fields: Any) -> Step:
    """A work pool, `$pool`, whose first queue is `$default`."""
    names = {"pool": "id", "default": "default_queue_id"}
    body = {"name": name, "type": "process", **fields}
    return Step("POST", "/work_pools/", body, keep, names)


def run_of(deployment: str = "$deployment", known: str = "run", **fields: Any) -> Step:
    """A run of a deployment, `$run`."""
    body = {"name": f"{known}-$token", **fields}
    path = f"/deployments/{deployment}/create_flow_run"
    return Step("POST", path, body, WHOLE, {known: "id"})


def flow_run(known: str = "run", **fields: Any) -> Step:
    """A run of the flow, `$run`."""
    body = {"name": f"{known}-$token", "flow_id": "$flow", **fields}
    return Step("POST", "/flow_runs/", body, STATUS, {known: "id"})
