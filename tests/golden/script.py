"""A case as data: HTTP steps with symbolic ids and relative times.

In paths and bodies `$name` stands for an id that an earlier step brought or that is
made when first used, `$token` for a text of its own in each play, and `$now+60s` for
a time relative to the start of the play.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

TYPES = (
    "SCHEDULED",
    "PENDING",
    "RUNNING",
    "COMPLETED",
    "FAILED",
    "CANCELLED",
    "CRASHED",
    "PAUSED",
    "CANCELLING",
)
BOTH = (2, 3)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to a server, and what of its answer is kept.

    `do` is an HTTP method, or `forget`, which clears the state pointer of the run at
    `path` in the database. `keep` is `status`, `outcome`, `body`, `run`, `slots` or
    `artifacts`.
    """

    do: str
    path: str
    body: Any = None
    keep: str = "status"
    names: Mapping[str, str] = field(default_factory=dict)
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A script with a name, and the client generations it is for.

    `spans` are the ends of random delays, in seconds from the start of the play.
    """

    name: str
    steps: tuple[Step, ...]
    generations: tuple[int, ...] = BOTH
    spans: tuple[tuple[int, int], ...] = ()

    def digest(self) -> str:
        """Changes with the script, so that a stale recording shows."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def case(
    name: str,
    *steps: Step | Iterable[Step],
    generations: tuple[int, ...] = BOTH,
    spans: tuple[tuple[int, int], ...] = (),
) -> Case:
    """A case from steps and groups of steps."""
    flat: list[Step] = []
    for step in steps:
        flat += [step] if isinstance(step, Step) else list(step)
    return Case(name, tuple(flat), generations, spans)


def state(
    type: str,
    *,
    name: str | None = None,
    message: str | None = None,
    data: Any = None,
    **details: Any,
) -> dict[str, Any]:
    """The body of a state; only what is given."""
    body: dict[str, Any] = {"type": type, "name": name, "message": message}
    body |= {"data": data, "state_details": details}
    return {key: value for key, value in body.items() if value not in (None, {})}


def flow() -> Step:
    """A new flow, `$flow`."""
    return Step("POST", "/flows/", {"name": "golden-$token"}, names={"flow": "id"})


def deployment(**fields: Any) -> Step:
    """A deployment of the flow, `$deployment`."""
    body = {"name": "golden-$token", "flow_id": "$flow", **fields}
    return Step("POST", "/deployments/", body, names={"deployment": "id"})


def flow_run(at: dict[str, Any] | None, *, known: str = "run", **fields: Any) -> Step:
    """A flow run in a state, `$run` unless `known` says otherwise."""
    body = {"flow_id": "$flow", **fields} | ({"state": at} if at else {})
    return Step("POST", "/flow_runs/", body, names={known: "id"})


def task_run(
    at: dict[str, Any] | None,
    *,
    known: str = "task",
    of: str | None = "$run",
    **fields: Any,
) -> Step:
    """A task run in a state, `$task` unless `known` says otherwise."""
    body = {"flow_run_id": of, "task_key": "task", "dynamic_key": known, "name": known}
    body |= {"task_key": "task-$token"} if of is None else {}
    body |= fields | ({"state": at} if at else {})
    return Step("POST", "/task_runs/", body, names={known: "id"})


def propose(
    run: str,
    type: str,
    *,
    force: bool = False,
    client: str | None = None,
    names: Mapping[str, str] | None = None,
    **parts: Any,
) -> Step:
    """Propose a state for `flow_runs/$run` or `task_runs/$task`."""
    body = {"state": state(type, **parts), "force": force}
    path = f"/{run}/set_state"
    return Step("POST", path, body, "outcome", dict(names or {}), client)


def put(run: str, type: str, *, client: str | None = None, **parts: Any) -> Step:
    """Force a run into a state, as part of the setting."""
    body = {"state": state(type, **parts), "force": True}
    return Step("POST", f"/{run}/set_state", body, client=client)


def resume(run: str = "$run", **body: Any) -> Step:
    """Resume a paused run."""
    return Step("POST", f"/flow_runs/{run}/resume", body, "outcome")


def forget(run: str) -> Step:
    """Clear the state pointer of a run in the database."""
    return Step("forget", f"/{run}")


def look(run: str) -> Step:
    """Read a run and its states."""
    return Step("GET", f"/{run}", keep="run")


def slots(name: str) -> Step:
    """Read how many slots of a limit are taken (3.x)."""
    return Step("GET", f"/v2/concurrency_limits/{name}", keep="slots")


def holders(tag: str) -> Step:
    """Read which task runs hold a slot of a tag."""
    return Step("GET", f"/concurrency_limits/tag/{tag}", keep="slots")


def artifacts(run: str = "$run") -> Step:
    """Read the artifacts of a flow run."""
    wanted = {"artifacts": {"flow_run_id": {"any_": [run]}}}
    return Step("POST", "/artifacts/filter", wanted, "artifacts")
