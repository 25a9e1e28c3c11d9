"""A past from files shows in the API and on the pages as if it had happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core.clock import now
from ops.seeding import TABLES, Unseedable, seed

pytestmark = pytest.mark.django_db
AT = now().astimezone(UTC) - timedelta(hours=2)


def created(at: datetime = AT) -> dict[str, Any]:
    """When a row was made."""
    return {"created": at.isoformat(), "updated": at.isoformat(), "id": str(uuid4())}


@pytest.fixture
def past(tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    """One completed run with a task run, a log line and all states; one due run."""
    flow = {**created(), "name": "seeded", "tags": []}
    deployment = {**created(), "flow_id": flow["id"], "name": "nightly"}
    deployment |= {"tags": ["t"], "parameters": {}, "paused": False, "path": "/srv"}
    end = AT + timedelta(minutes=1)
    run: dict[str, Any] = {**created(), "name": "done", "flow_id": flow["id"]}
    run |= {"deployment_id": deployment["id"], "state_id": str(uuid4())}
    run |= {"state_type": "COMPLETED", "state_name": "Completed"}
    run |= {"state_timestamp": end.isoformat(), "run_count": 1, "tags": ["a", "b"]}
    run |= {"expected_start_time": AT.isoformat(), "start_time": AT.isoformat()}
    run |= {"end_time": end.isoformat(), "total_run_time": 60.0}
    run |= {"next_scheduled_start_time": None, "parameters": {"n": 1}}
    run |= {"auto_scheduled": True, "flow_version": "1", "context": {}}
    run |= {"empirical_policy": {}}
    task: dict[str, Any] = {**created(), "flow_run_id": run["id"], "name": "t-0"}
    task |= {"task_key": "t", "dynamic_key": "0", "state_id": str(uuid4())}
    task |= {key: run[key] for key in ("state_type", "state_name", "state_timestamp")}
    task |= {"run_count": 1, "flow_run_run_count": 1, "tags": [], "task_inputs": {}}
    task |= {key: run[key] for key in ("start_time", "end_time", "total_run_time")}
    task |= {"expected_start_time": AT.isoformat(), "empirical_policy": {}}
    line = {**created(), "name": "log", "level": 20, "message": "seeded line"}
    line |= {"flow_run_id": run["id"], "task_run_id": None}
    line |= {"timestamp": AT.isoformat()}
    states = {
        "flow_run": state_of("flow_run", run),
        "task_run": state_of("task_run", task),
    }
    rows = {"flow": [flow], "deployment": [deployment], "flow_run": [run]}
    rows |= {"flow_run_state": [states["flow_run"]], "task_run": [task]}
    rows |= {"task_run_state": [states["task_run"]], "log": [line]}
    for name, of_table in rows.items():
        write(tmp_path, name, of_table)
    return rows


def state_of(kind: str, run: dict[str, Any]) -> dict[str, Any]:
    """The last state of a run."""
    return {
        **created(),
        "id": run["state_id"],
        f"{kind}_id": run["id"],
        "type": run["state_type"],
        "name": run["state_name"],
        "timestamp": run["state_timestamp"],
        "message": None,
        "state_details": {f"{kind}_id": run["id"]},
    }


def write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    """One file."""
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    (folder / f"{name}.ndjson").write_text(text)


def ask(method: str, path: str, body: Any = None) -> Any:
    """One request to the API."""
    answer = Client().generic(
        method, f"/api{path}", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def test_the_api_answers_what_the_files_say(past, tmp_path: Path):
    (run,), (task,) = past["flow_run"], past["task_run"]

    written = seed(tmp_path)

    assert written == {table.file: 1 for table in TABLES}
    shown = ask("GET", f"/flow_runs/{run['id']}")
    for key in (
        "name",
        "tags",
        "parameters",
        "state_type",
        "run_count",
        "flow_version",
    ):
        assert shown[key] == run[key]
    for key in ("start_time", "end_time", "expected_start_time"):
        assert datetime.fromisoformat(shown[key]) == datetime.fromisoformat(run[key])
    assert shown["state"]["id"] == run["state_id"]
    assert ask("GET", f"/task_runs/{task['id']}")["state"]["type"] == "COMPLETED"
    wanted = {"logs": {"flow_run_id": {"any_": [run["id"]]}}}
    assert ask("POST", "/logs/filter", wanted)[0]["message"] == "seeded line"
    tagged = {"flow_runs": {"tags": {"all_": ["a"]}}}
    assert ask("POST", "/flow_runs/count", tagged) == 1
    deployment = ask("GET", f"/deployments/{run['deployment_id']}")
    assert deployment["tags"] == ["t"]


def test_the_pages_show_it(past, tmp_path: Path):
    seed(tmp_path)

    (run,) = past["flow_run"]
    for path in ("/", "/runs", f"/runs/{run['id']}", "/flows", "/deployments"):
        answer = Client().get(path, follow=True)
        assert answer.status_code == 200, path


def test_what_is_missing_is_named(tmp_path: Path):
    with pytest.raises(Unseedable, match=r"lacks flow\.ndjson"):
        seed(tmp_path)


@pytest.mark.parametrize("line", ["{", "[]", '"x"'])
def test_a_line_that_is_no_row_is_named(past, tmp_path: Path, line: str):
    (tmp_path / "task_run.ndjson").write_text(f"{line}\n")

    with pytest.raises(Unseedable, match=r"task_run\.ndjson, line 1: "):
        seed(tmp_path)


def test_a_past_is_written_once(past, tmp_path: Path):
    call_command("seed_history", str(tmp_path))

    with pytest.raises(CommandError, match="reset_db"):
        call_command("seed_history", str(tmp_path))
