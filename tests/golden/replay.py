"""Plays cases against a server and compares the answers with a recording."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from tests.golden.script import Case, Step
from tests.golden.symbols import GRAIN, Symbols, moment

FIELDS = (
    "state_type",
    "state_name",
    "run_count",
    "flow_run_run_count",
    "start_time",
    "end_time",
    "expected_start_time",
    "next_scheduled_start_time",
    "total_run_time",
    "auto_scheduled",
)
POLICY = ("pause_keys", "resuming", "retry_type")
FAILED = 500
RANDOM_DELAY = "Concurrency limit reached for tags"


class Server(Protocol):
    """What a case is played against."""

    def send(self, method: str, path: str, body: Any, agent: str) -> tuple[int, Any]:
        """One request under `/api`; status and parsed body."""

    def forget(self, path: str) -> None:
        """Clear the state pointer of the run at `path`."""


Watch = Callable[[Step, str, Any], None]  # the step, the path of the run, what is kept


def agent(version: str) -> str:
    """The User-Agent of an original client."""
    return f"prefect/{version} (API 0.8.4)"


class Play:
    """One play of one case."""

    def __init__(
        self, case: Case, server: Server, version: str, watch: Watch | None = None
    ) -> None:
        self.case = case
        self.server = server
        self.version = version
        self.watch = watch
        self.symbols = Symbols(datetime.now(UTC), case.spans)
        self.current: dict[str, str | None] = {}  # path of a run -> id of its state

    def run(self) -> list[Any]:
        """Do every step; what is kept of each. A failing server ends the play."""
        kept: list[Any] = []
        for step in self.case.steps:
            kept.append(self.step(step))
            if kept[-1] == FAILED:
                break
        return kept

    def step(self, step: Step) -> Any:
        path = self.symbols.fill(step.path)
        if step.do == "forget":
            self.server.forget(path)
            self.current[path] = None
            return "forgotten"
        who = agent(step.client or self.version)
        body = self.symbols.fill(step.body)
        status, answer = self.server.send(step.do, path, body, who)
        if status == FAILED:
            return FAILED
        if isinstance(answer, dict):
            for name, where in step.names.items():
                self.symbols.ids[name] = dig(answer, where)
        if step.keep == "status":
            self.note(path, answer)
            return status
        if step.keep == "outcome":
            kept = self.outcome(path, status, answer)
            if self.watch and isinstance(answer, dict) and "status" in answer:
                self.watch(step, path.rpartition("/")[0], kept)
            return kept
        if step.keep == "run":
            return self.read(path, answer, who)
        if step.keep == "slots":
            taken = answer.get("active_slots") if status == 200 else answer
            found = self.symbols.find(taken)
            return sorted(found) if isinstance(found, list) else found
        if step.keep == "artifacts":
            return self.artifacts(answer)
        return [status, self.symbols.find(answer)]

    def note(self, path: str, answer: Any) -> None:
        """Remember the state that a run has now."""
        if not isinstance(answer, dict) or not isinstance(answer.get("state"), dict):
            return
        run = path.rpartition("/")[0]
        if path.endswith("/"):  # just created
            run += f"/{answer['id']}"
        self.current[run] = answer["state"]["id"]

    def outcome(self, path: str, status: int, answer: Any) -> dict[str, Any]:
        """The answer to a proposal."""
        if not isinstance(answer, dict) or "status" not in answer:
            return {"http": status, "body": self.symbols.find(shortened(answer))}
        run = path.rpartition("/")[0]
        details = dict(answer["details"])
        verdict = answer["status"]
        if details.get("type") == f"{verdict.lower()}_details":
            del details["type"]
        if "delay_seconds" in details:
            details["delay_seconds"] = rounded(details)
        kept = {"http": status, "verdict": verdict, **self.symbols.find(details)}
        state = answer["state"]
        if state is None:
            return kept | {"state": None}
        fresh = state["id"] != self.current.get(run)
        self.current[run] = state["id"]
        return kept | {"fresh": fresh, "state": self.state(state)}

    def state(self, state: dict[str, Any]) -> dict[str, Any]:
        """A state without its defaults."""
        kept = {key: state.get(key) for key in ("type", "name", "message", "data")}
        details = state.get("state_details") or {}
        kept["details"] = {k: v for k, v in details.items() if v not in (None, False)}
        kept["when"] = self.symbols.time(state["timestamp"])
        found = self.symbols.find({k: v for k, v in kept.items() if v is not None})
        return dict(found)

    def read(self, path: str, run: dict[str, Any], who: str) -> dict[str, Any]:
        """A run with its bookkeeping and its history."""
        kind, _, id = path.strip("/").partition("/")
        table = {"flow_runs": "flow_run_state", "task_runs": "task_run_state"}[kind]
        query = f"/{table}s/?{table.removesuffix('_state')}_id={id}"
        _, history = self.server.send("GET", query, None, who)
        times = {
            moment(state["timestamp"]): f"state {i}" for i, state in enumerate(history)
        }
        for i, state in reversed(list(enumerate(history))):
            if due := dig(state, "state_details.scheduled_time"):
                times[moment(due)] = f"due {i}"
        kept: dict[str, Any] = {}
        for field in FIELDS:
            if field in run:
                kept[field] = self.field(field, run[field], times)
        policy = run.get("empirical_policy") or {}
        for name in POLICY:
            if found := self.symbols.find(policy.get(name)):
                kept[name] = sorted(found) if isinstance(found, list) else found
        self.current[path] = run["state"]["id"] if run.get("state") else None
        kept["state"] = self.state(run["state"]) if run.get("state") else None
        kept["history"] = [spelled(state) for state in history]
        return kept

    def field(self, name: str, value: Any, times: dict[datetime, str]) -> Any:
        """A value of a run; a time as the state whose own or due time it is."""
        if name == "total_run_time":
            return "some" if value else 0
        if isinstance(value, str) and name.endswith("_time"):
            text = self.symbols.time(value)
            return times.get(moment(value), text) if text[0] == "~" else text
        return value

    def artifacts(self, rows: list[dict[str, Any]]) -> list[Any]:
        """Artifacts in a fixed order."""
        fields = ("key", "type", "description", "data", "flow_run_id", "task_run_id")
        kept = [{k: row.get(k) for k in fields if row.get(k)} for row in rows]
        return sorted(map(self.symbols.find, kept), key=repr)


def dig(value: Any, where: str) -> Any:
    """What lies at a dotted path; nothing where a part is missing."""
    for key in where.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def shortened(answer: Any) -> Any:
    """A refusal of the request itself, without the prose of the validator."""
    if isinstance(answer, dict) and "exception_detail" in answer:
        return {"invalid": [item["loc"][-1] for item in answer["exception_detail"]]}
    return answer


def rounded(details: dict[str, Any]) -> int | str:
    """A delay without the milliseconds that the play took, or its random part."""
    if str(details.get("reason", "")).startswith(RANDOM_DELAY):
        return "random" if 0 <= details["delay_seconds"] <= 20 else "long"
    return round(details["delay_seconds"] / GRAIN) * GRAIN


def spelled(state: dict[str, Any]) -> str:
    """A state in a history: its type, and its name where that says more."""
    plain = state["name"] == state["type"].capitalize()
    return str(state["type"] if plain else f"{state['type']} {state['name']}")
