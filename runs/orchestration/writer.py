"""The only module that writes states. Callers hold the run's lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from core import bulk
from core.clock import now
from core.ids import uuid7
from core.sql import is_sqlite, json_in, time_in, uuid_in
from events.models import Event
from events.record import COLUMNS as EVENT_COLUMNS
from runs.models import FlowRunState
from runs.orchestration.transition import RunRow, StateValue


def _as_it_is(value: Any) -> Any:
    return value


# columns that a transition may change, and how each is read off the working copy
Column = tuple[str, str, Callable[[Any], Any]]
Part = tuple[str, Sequence[Any]]  # a statement and its values

COLUMNS: tuple[Column, ...] = (
    ("empirical_policy", "policy", json_in),
    ("run_count", "run_count", int),
    ("expected_start_time", "expected_start_time", time_in),
    ("next_scheduled_start_time", "next_scheduled_start_time", time_in),
    ("start_time", "start_time", time_in),
    ("end_time", "end_time", time_in),
    ("total_run_time", "total_run_time", float),
)
JSON_COLUMNS = frozenset(
    {
        "tags",
        "labels",
        "empirical_policy",
        "parameters",
        "context",
        "job_variables",
        "created_by",
        "task_inputs",
    }
)
_INSERT_EVENT = (
    f"INSERT INTO orion_events_event ({', '.join(EVENT_COLUMNS)}) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_STATE_COLUMNS = ("id", "timestamp", "type", "name", "message", "details", "result_id")
STATE_COLUMNS = {
    kind: (*_STATE_COLUMNS, f"{kind}_id") for kind in ("flow_run", "task_run")
}
_ABOUT = ("key", "type", "description")
_FIXED = {"id", "created", "workspace_id", "flow_run_id", "task_key", "dynamic_key"}
_FLOW_COLUMNS: tuple[Column, ...] = (
    *COLUMNS,
    ("infrastructure_pid", "infrastructure_pid", _as_it_is),
    ("claimed_by", "claimed_by", _as_it_is),
    ("claim_token", "claim_token", uuid_in),
    ("claim_expires", "claim_expires", time_in),
    ("reclaims", "reclaims", int),
    ("deadline", "deadline", time_in),
    ("losses", "losses", int),
)
_TASK_COLUMNS: tuple[Column, ...] = (
    *COLUMNS,
    ("flow_run_run_count", "flow_run_run_count", int),
)


def write(run: RunRow, state: StateValue, *, before: RunRow | None) -> StateValue:
    """Insert the state and the event that tells of it, and point the run at it.

    `before` is the run as it was read: the columns that differ are written along. A new
    run has none, its columns are there. On PostgreSQL it is one statement. Returns the
    state as it will be read: what describes the result's artifact is not its data.
    """
    result = _write_result(run, state.data) if _is_stored(state.data) else None
    parts: list[Part] = [(_insert_state(run.kind), _state_values(run, state, result))]
    if before is not None:
        parts.append(_pointing(before, run, state))
    _execute_all([*parts, (_INSERT_EVENT, _event_values(run, state))])
    if result is None or not isinstance(state.data, dict):
        return state
    return replace(state, data=_apart(state.data)[0])


def write_states(states: Sequence[tuple[RunRow, StateValue]]) -> None:
    """Insert many states of task runs; known ids are left as they are."""
    rows = []
    for run, state in states:
        result = _write_result(run, state.data) if _is_stored(state.data) else None
        rows.append(_state_values(run, state, result))
    with connection.cursor() as cursor:
        cursor.executemany(f"{_insert_state('task_run')} ON CONFLICT DO NOTHING", rows)


def write_first(states: Sequence[tuple[RunRow, StateValue]]) -> None:
    """Insert the first states of many new flow runs, and the events that tell of them.

    The states have no results.
    """
    if states:
        values = [_state_values(*each, None) for each in states]
        bulk.insert(FlowRunState, STATE_COLUMNS["flow_run"], values)
        bulk.insert(Event, EVENT_COLUMNS, [_event_values(*each) for each in states])


def has_result(state: StateValue) -> bool:
    """Whether a row of its own is stored for the state's data."""
    return _is_stored(state.data)


def upsert_task_runs(rows: Sequence[dict[str, Any]]) -> None:
    """Insert task runs, or bring them up to date if the row given is newer.

    All rows have the same columns, and all or none belong to a flow run.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    sql = _upsert(columns, rows[0]["flow_run_id"] is not None)
    with connection.cursor() as cursor:
        cursor.executemany(
            sql, [[encoded(name, row[name]) for name in columns] for row in rows]
        )


def amend_policy(run: RunRow, policy: dict[str, Any]) -> None:
    """Change the run's policy where no state is written."""
    table = run.kind.replace("_", "")
    _execute(
        f"UPDATE orion_runs_{table} SET empirical_policy = {_json()} WHERE id = %s",
        [json_in(policy), uuid_in(run.id)],
    )


def encoded(name: str, value: Any) -> Any:
    """A column's value as a parameter."""
    if name in JSON_COLUMNS:
        return None if value is None else json_in(value)
    if isinstance(value, UUID):
        return uuid_in(value)
    if isinstance(value, datetime):
        return time_in(value)
    return value


def encoded_all(name: str, values: Sequence[Any]) -> list[Any]:
    """The values of a column as parameters; what is the same object is encoded once."""
    first = values[0]
    if all(value is first for value in values):
        return [encoded(name, first)] * len(values)
    return [encoded(name, value) for value in values]


def place(name: str) -> str:
    """A column's placeholder."""
    return _json() if name in JSON_COLUMNS else "%s"


def _pointing(before: RunRow, run: RunRow, state: StateValue) -> Part:
    """The update that makes the state the run's present one."""
    columns = _FLOW_COLUMNS if run.kind == "flow_run" else _TASK_COLUMNS
    changed = [
        (column, encode(getattr(run, name)))
        for column, name, encode in columns
        if getattr(run, name) != getattr(before, name)
    ]
    values = [uuid_in(state.id), state.type, state.name, time_in(state.timestamp)]
    values += [time_in(state.timestamp), *(value for _, value in changed)]
    values.append(uuid_in(run.id))
    return _update_run(run.kind, tuple(column for column, _ in changed)), values


def _event_values(run: RunRow, state: StateValue) -> tuple[Any, ...]:
    """The event has the state's id and no body: the state tells the rest."""
    noun = run.kind.replace("_", "-")
    flow_run = run.id if run.kind == "flow_run" else run.flow_run_id
    at = time_in(state.timestamp)
    return (
        uuid_in(state.id),
        run.workspace_id,
        at,
        at,
        f"prefect.{noun}.{state.name}"[:1024],
        f"prefect.{noun}.{run.id}",
        uuid_in(flow_run),
    )


def _state_values(
    run: RunRow, state: StateValue, result: UUID | None
) -> tuple[Any, ...]:
    return (
        uuid_in(state.id),
        time_in(state.timestamp),
        state.type,
        state.name,
        state.message,
        json_in(state.details),
        uuid_in(result),
        uuid_in(run.id),
    )


def _write_result(run: RunRow, data: Any) -> UUID:
    id, made = uuid7(), time_in(now())
    rest, about = _apart(data)
    is_flow = run.kind == "flow_run"
    _execute(
        "INSERT INTO orion_artifacts_artifact (id, created, updated, workspace_id, "
        "key, type, description, data, flow_run_id, task_run_id) "
        f"VALUES (%s, %s, %s, %s, %s, %s, %s, {_json()}, %s, %s)",
        [
            uuid_in(id),
            made,
            made,
            run.workspace_id,
            about.get("key"),
            about.get("type"),
            about.get("description"),
            json_in(rest),
            uuid_in(run.id if is_flow else run.flow_run_id),
            uuid_in(None if is_flow else run.id),
        ],
    )
    return id


def _apart(data: Any) -> tuple[Any, dict[str, Any]]:
    """A result's metadata without, and only, what describes the artifact."""
    if not isinstance(data, dict):
        return data, {}
    rest = dict(data)
    return rest, {key: rest.pop(f"artifact_{key}", None) for key in _ABOUT}


def _is_stored(data: Any) -> bool:
    if data is None:
        return False
    return not (isinstance(data, dict) and data.get("type") == "unpersisted")


@cache
def _upsert(columns: tuple[str, ...], has_flow: bool) -> str:
    target = (
        "(flow_run_id, task_key, dynamic_key) WHERE flow_run_id IS NOT NULL"
        if has_flow
        else "(task_key, dynamic_key) WHERE flow_run_id IS NULL"
    )
    sets = ", ".join(
        f"{name} = excluded.{name}" for name in columns if name not in _FIXED
    )
    return (
        f"INSERT INTO orion_runs_taskrun ({', '.join(columns)}) "
        f"VALUES ({', '.join(place(name) for name in columns)}) "
        f"ON CONFLICT {target} DO UPDATE SET {sets} "
        "WHERE orion_runs_taskrun.state_timestamp IS NULL "
        "OR orion_runs_taskrun.state_timestamp < excluded.state_timestamp"
    )


@cache
def _insert_state(kind: str) -> str:
    return (
        f"INSERT INTO orion_runs_{kind.replace('_', '')}state "
        f"({', '.join(STATE_COLUMNS[kind])}) "
        f"VALUES (%s, %s, %s, %s, %s, {_json()}, %s, %s)"
    )


@cache
def _update_run(kind: str, columns: tuple[str, ...]) -> str:
    sets = ["state_id", "state_type", "state_name", "state_timestamp", "updated"]
    text = ", ".join(
        [f"{column} = %s" for column in sets]
        + [
            f"{column} = {_json() if column == 'empirical_policy' else '%s'}"
            for column in columns
        ]
    )
    return f"UPDATE orion_runs_{kind.replace('_', '')} SET {text} WHERE id = %s"


def _json() -> str:
    return "%s" if is_sqlite() else "%s::jsonb"


def _execute(sql: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _execute_all(parts: Sequence[Part]) -> None:
    """Execute the statements; PostgreSQL gets them as one, for one round trip."""
    if is_sqlite():
        for sql, values in parts:
            _execute(sql, values)
        return
    *firsts, last = [sql for sql, _ in parts]
    named = ", ".join(f"part_{n} AS ({sql})" for n, sql in enumerate(firsts))
    _execute(f"WITH {named} {last}", [value for _, values in parts for value in values])
