"""A small HTTP server that stands for the API: answers by table, remembers requests."""

from __future__ import annotations

import json
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Reply = Callable[["Asked"], Answer]


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    body: Any
    headers: dict[str, str]
    client: tuple[str, int]


class Quiet(ThreadingHTTPServer):
    """A client that went away is nothing to print."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@dataclass
class FakeApi:
    """Answers from `replies`; a list is used up from its start, the last one stays."""

    replies: dict[tuple[str, str], Reply | list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.news = threading.Condition()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _reply(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                asked = Asked(
                    self.command,
                    self.path.removeprefix("/api"),
                    json.loads(raw) if raw else None,
                    {k.lower(): v for k, v in self.headers.items()},
                    self.client_address,
                )
                status, body, *more = api.answer(asked)
                content = b"" if status == 204 else json.dumps(body).encode()
                self.send_response(status)
                for key, value in (more[0] if more else {}).items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_DELETE = _reply

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/api"

    def __enter__(self) -> FakeApi:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def answer(self, asked: Asked) -> Answer:
        with self.news:
            self.asked.append(asked)
            reply = self.find(asked)
            if isinstance(reply, list):
                found = reply.pop(0) if len(reply) > 1 else reply[0]
            else:
                found = reply(asked)
            self.news.notify_all()
            return found

    def find(self, asked: Asked) -> Reply | list[Answer]:
        return self.replies.get(
            (asked.method, asked.path), [(404, {"detail": "Not Found"})]
        )

    def seen(self, method: str, path: str) -> list[Asked]:
        return [a for a in self.asked if (a.method, a.path) == (method, path)]

    def wait_for(self, is_so: Callable[[], Any], *, seconds: float = 60) -> None:
        """Wait until something has come in that makes it so."""
        with self.news:
            assert self.news.wait_for(is_so, seconds), "it did not come in time"


class FakeServer(FakeApi):
    """An API that keeps one deployment and its runs, and accepts every state."""

    def __init__(self, *, folder: str, entrypoint: str) -> None:
        super().__init__()
        self.deployment = {
            "id": str(uuid.uuid4()),
            "name": "d",
            "flow_id": str(uuid.uuid4()),
            "path": folder,
            "entrypoint": entrypoint,
            "job_variables": {},
        }
        self.runs: dict[str, dict[str, Any]] = {}
        self.logs: list[dict[str, Any]] = []
        self.claims_refused: set[str] = set()
        self.tokens: dict[str, str] = {}
        self.cancel: list[str] = []

    def add_run(self, state: str = "SCHEDULED", **changes: Any) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        run = {
            "id": str(uuid.uuid4()),
            "name": f"run-{len(self.runs)}",
            "flow_id": self.deployment["flow_id"],
            "deployment_id": self.deployment["id"],
            "parameters": {},
            "tags": [],
            "run_count": 0,
            "expected_start_time": now,
            "next_scheduled_start_time": now,
            "infrastructure_pid": None,
            "parent_task_run_id": None,
            "state": self._state({"type": state, "name": state.capitalize()}),
            "states": [],
            **changes,
        }
        self.runs[run["id"]] = run
        return run

    def names(self, run_id: str) -> list[str]:
        """The types of the states that the run was given."""
        return [state["type"] for state in self.runs[run_id]["states"]]

    def find(self, asked: Asked) -> Reply | list[Answer]:
        first, *rest = asked.path.strip("/").split("/")
        if (asked.method, asked.path) in self.replies:
            return super().find(asked)
        if first == "flow_runs" and rest and rest[0] in self.runs:
            return lambda a: self._flow_run(a, self.runs[rest[0]])
        if first == "x" and rest[-1] == "claim" and rest[2] in self.runs:
            return lambda a: self._claim(a, self.runs[rest[2]])
        if first == "work_queues":
            return self._queue
        if first == "deployments":
            return [(200, self.deployment)]
        if first == "flows":
            return [(200, {"id": self.deployment["flow_id"], "name": "f"})]
        if first == "up":
            return [(200, None)]
        if first == "logs":
            return self._log
        if asked.path == "/x/v1/agents/heartbeat":
            return [(200, {"cancel": list(self.cancel), "interval_seconds": 15.0})]
        return super().find(asked)

    def _queue(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            return 200, {"id": "q", "name": "default", "priority": 1}
        due = [r for r in self.runs.values() if r["state"]["type"] == "SCHEDULED"]
        return 200, due[: asked.body["limit"]]

    def _flow_run(self, asked: Asked, run: dict[str, Any]) -> Answer:
        if asked.method == "GET":
            return 200, run
        if asked.method == "PATCH":
            run.update(asked.body)
            return 204, None
        wanted = asked.body["state"]
        if wanted["type"] == "PENDING" and run["id"] in self.claims_refused:
            reason = {"type": "abort_details", "reason": "it is another's"}
            return 200, {"status": "ABORT", "state": None, "details": reason}
        run["state"] = self._state(wanted)
        run["states"].append(run["state"])
        accepted = {"type": "accept_details"}
        return 201, {"status": "ACCEPT", "state": run["state"], "details": accepted}

    def _claim(self, asked: Asked, run: dict[str, Any]) -> Answer:
        """The first token holds the run while it is pending."""
        if asked.path.endswith("/heartbeat"):
            return 204, None
        is_held = self.tokens.get(run["id"]) == asked.body["token"]
        state = run["state"]["type"]
        if run["id"] in self.claims_refused or not (is_held or state == "SCHEDULED"):
            reason = {"type": "abort_details", "reason": "it is another's"}
            return 200, {"status": "ABORT", "state": None, "details": reason}
        if not is_held or state == "SCHEDULED":
            wanted = {"type": "PENDING", "message": asked.body["message"]}
            run["state"] = self._state(wanted)
            run["states"].append(run["state"])
        self.tokens[run["id"]] = asked.body["token"]
        accepted = {"type": "accept_details"}
        return 201, {"status": "ACCEPT", "state": run["state"], "details": accepted}

    def _log(self, asked: Asked) -> Answer:
        self.logs.extend(asked.body)
        return 201, None

    def _state(self, wanted: dict[str, Any]) -> dict[str, Any]:
        stamp = datetime.now(UTC).isoformat()
        details = wanted.get("state_details") or {}
        return {
            "message": None,
            **wanted,
            "id": str(uuid.uuid4()),
            "timestamp": stamp,
            "state_details": details,
        }
