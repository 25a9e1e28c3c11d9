"""The wire's other end in memory: stores what it is told and accepts every state."""

from __future__ import annotations

import json as jsonlib
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from orion.client.transport import Response, encode
from orion.exceptions import ApiUnreachable, HTTPStatusError

Body = dict[str, Any]
SET_STATE = re.compile(r"/(flow|task)_runs/([^/]+)/set_state")
ONE_RUN = re.compile(r"/(flow|task)_runs/([^/]+)")


class FakeApi:
    """Answers the requests of the classic protocol; no second engine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests: list[tuple[str, str, Any]] = []
        self.flows: dict[str, Body] = {}
        self.runs: dict[str, dict[str, Body]] = {"flow": {}, "task": {}}
        self.states: dict[str, list[Body]] = {}
        self.logs: list[Body] = []
        self.verdicts: list[tuple[str, Body]] = []
        self.failures: list[int] = []
        self.is_away = False

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        retry: bool = True,
        timeout: float | None = None,
    ) -> Response:
        """One request, as the transport would send it."""
        body = jsonlib.loads(encode(json)) if json is not None else None
        with self._lock:
            if self.is_away:
                raise ApiUnreachable("the fake server is away")
            self.requests.append((method, path, body))
            if self.failures:
                status = self.failures.pop(0)
                if status == 0:
                    raise ApiUnreachable("the fake server dropped the connection")
                raise HTTPStatusError("told to fail", status=status)
            answer = self._route(method, path)(body)
        return Response(200, encode(answer), {})

    def _route(self, method: str, path: str) -> Callable[[Any], Any]:
        if method == "POST":
            if found := SET_STATE.fullmatch(path):
                kind, key = found.groups()
                return lambda body: self._set_state(kind, key, body)
            known: dict[str, Callable[[Any], Any]] = {
                "/flows/": self._create_flow,
                "/flow_runs/": lambda body: self._create_run("flow", body),
                "/task_runs/": lambda body: self._create_run("task", body),
                "/logs/": self._take_logs,
            }
            if path in known:
                return known[path]
        if path == "/health":
            return lambda _: True
        if found := ONE_RUN.fullmatch(path):
            kind, key = found.groups()
            if key not in self.runs[kind]:
                raise HTTPStatusError(f"no such run: {key}", status=404)
            if method == "GET":
                return lambda _: self.runs[kind][key]
            if method == "PATCH":
                return lambda body: self.runs[kind][key].update(body)
        raise HTTPStatusError(f"the fake server has no {method} {path}", status=404)

    def _create_flow(self, body: Body) -> Body:
        return self.flows.setdefault(body["name"], {"id": str(uuid4()), **body})

    def _create_run(self, kind: str, body: Body) -> Body:
        runs = self.runs[kind]
        keys = ("flow_run_id", "task_key", "dynamic_key")
        if kind == "task" and body.get("flow_run_id"):
            for run in runs.values():
                if all(run.get(key) == body.get(key) for key in keys):
                    return run
        key = body.get("id") or str(uuid4())
        if key not in runs:
            runs[key] = {"run_count": 0, **body, "id": key, "state": None}
            self._enter(runs[key], body["state"])
        return runs[key]

    def _set_state(self, kind: str, key: str, body: Body) -> Body:
        run = self.runs[kind].get(key)
        if run is None:
            raise HTTPStatusError(f"no such run: {key}", status=404)
        proposed = body["state"]
        for place, (wanted, verdict) in enumerate(self.verdicts):
            if wanted == proposed["type"]:
                del self.verdicts[place]
                if verdict.get("state"):
                    self._enter(run, verdict["state"])
                return {**verdict, "state": run["state"]}
        self._enter(run, proposed)
        return {"status": "ACCEPT", "details": {}, "state": run["state"]}

    def _enter(self, run: Body, state: Body) -> None:
        now = datetime.now(UTC).isoformat()
        named = {"name": state["type"].capitalize(), "state_details": {}, **state}
        stored = {"id": str(uuid4()), "timestamp": now, **named}
        run["state"] = stored
        run["run_count"] += stored["type"] == "RUNNING"
        self.states.setdefault(run["id"], []).append(stored)

    def _take_logs(self, body: list[Body]) -> None:
        self.logs.extend(body)
