"""Our server as a golden case sees it: Django's handler in the test's transaction."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from artifacts.models import Artifact
from runs.models import FlowRun, TaskRun
from tests.golden.symbols import Symbols

NO_STATE = dict.fromkeys(("state_id", "state_type", "state_name", "state_timestamp"))


class House:
    """Answers like a peer, and forgets the state of a run."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.symbols: Symbols

    def send(self, method: str, path: str, body: Any, agent: str) -> tuple[int, Any]:
        """One request; status and parsed body."""
        if path == "/artifacts/filter":
            return 200, artifacts(body)
        answer = self.client.generic(
            method,
            f"/api{path}",
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"User-Agent": agent, "X-PREFECT-API-VERSION": "0.8.4"},
        )
        content = answer.content
        return answer.status_code, json.loads(content) if content else None

    def forget(self, path: str) -> None:
        """Clear the state pointer of a run."""
        kind, _, id = path.strip("/").partition("/")
        table = {"flow_runs": FlowRun, "task_runs": TaskRun}[kind]
        assert table.objects.filter(pk=id).update(**NO_STATE) == 1

    def why(self, path: str) -> list[dict[str, Any]]:
        """The decisions about a run, newest first."""
        status, answer = self.send("GET", f"/x/v1{path}/why", None, "golden")
        assert status == 200, answer
        found: list[dict[str, Any]] = answer["decisions"]
        return found


def artifacts(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows behind the states' results; their API is not part of this house yet."""
    runs = body["artifacts"]["flow_run_id"]["any_"]
    fields = ("key", "type", "description", "data", "flow_run_id", "task_run_id")
    rows = Artifact.objects.filter(flow_run_id__in=runs).values(*fields)
    return [
        row | {k: str(row[k]) for k in ("flow_run_id", "task_run_id") if row[k]}
        for row in rows
    ]
