"""Reads the run and its present state, locked, in one statement."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from core.actor import Actor
from core.errors import NotFound
from core.sql import is_sqlite, json_out, time_out, uuid_in, uuid_out
from runs.orchestration.transition import RunRow, StateValue

# what both kinds of run have, in the order that `_shared` reads them
_SHARED = (
    "r.workspace_id, r.name, r.empirical_policy, r.run_count, r.expected_start_time, "
    "r.next_scheduled_start_time, r.start_time, r.end_time, r.total_run_time, "
    "r.state_id, r.state_type, r.state_name, r.state_timestamp, "
    "s.message, s.details, a.data"
)
_SQL = {
    "flow_run": (
        f"SELECT {_SHARED}, r.flow_id, r.deployment_id, r.parent_task_run_id, "
        "r.infrastructure_pid, d.concurrency_limit_id, d.concurrency_options, "
        "r.work_queue_id, r.claimed_by, r.claim_token, r.claim_expires, r.reclaims, "
        "r.deadline, r.losses, d.retry_on, d.retry_limit, d.max_run_seconds, d.name "
        "FROM orion_runs_flowrun r "
        "LEFT JOIN orion_runs_flowrunstate s ON s.id = r.state_id "
        "LEFT JOIN orion_artifacts_artifact a ON a.id = s.result_id "
        "LEFT JOIN orion_deployments_deployment d ON d.id = r.deployment_id "
        "WHERE r.id = %s"
    ),
    "task_run": (
        f"SELECT {_SHARED}, r.flow_run_id, r.tags, r.flow_run_run_count, "
        "f.state_type, f.name, f.state_id, f.run_count "
        "FROM orion_runs_taskrun r "
        "LEFT JOIN orion_runs_taskrunstate s ON s.id = r.state_id "
        "LEFT JOIN orion_artifacts_artifact a ON a.id = s.result_id "
        "LEFT JOIN orion_runs_flowrun f ON f.id = r.flow_run_id "
        "WHERE r.id = %s"
    ),
}
_STATE_SQL = {
    kind: (
        "SELECT s.type, s.name, s.timestamp, s.message, s.details, a.data "
        f"FROM orion_runs_{kind.replace('_', '')}state s "
        "LEFT JOIN orion_artifacts_artifact a ON a.id = s.result_id WHERE s.id = %s"
    )
    for kind in _SQL
}
_NOUNS = {"flow_run": "Flow run", "task_run": "Task run"}


def load(kind: str, id: UUID, actor: Actor) -> tuple[RunRow, StateValue | None]:
    """The run, locked until the transaction ends, and its present state.

    Raises:
        NotFound: no such run is visible to the actor.
    """
    with connection.cursor() as cursor:
        cursor.execute(_locking(kind), [uuid_in(id)])
        row = cursor.fetchone()
    if row is None or row[0] != actor.workspace_id:
        raise NotFound(f"{_NOUNS[kind]} with id {id} not found")
    run = _shared(kind, id, row)
    rest = row[16:]
    if kind == "flow_run":
        run.flow_id, run.deployment_id = uuid_out(rest[0]), uuid_out(rest[1])
        run.parent_task_run_id, run.infrastructure_pid = uuid_out(rest[2]), rest[3]
        run.limit_id = uuid_out(rest[4])
        run.concurrency_options = json_out(rest[5])
        run.work_queue_id, run.claimed_by = uuid_out(rest[6]), rest[7]
        run.claim_token, run.claim_expires = uuid_out(rest[8]), time_out(rest[9])
        run.reclaims, run.deadline, run.losses = rest[10], time_out(rest[11]), rest[12]
        if run.deployment_id is not None:
            run.retry_on, run.retry_limit = rest[13], rest[14]
            run.max_run_seconds, run.deployment_name = rest[15], rest[16]
    else:
        run.flow_run_id, run.tags = uuid_out(rest[0]), json_out(rest[1])
        run.flow_run_run_count = rest[2]
        run.flow_type, run.flow_name = rest[3], rest[4]
        run.flow_state_id, run.flow_count = uuid_out(rest[5]), rest[6] or 0
    return run, _state(row)


def load_state(kind: str, id: UUID) -> StateValue | None:
    """One stored state."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE_SQL[kind], [uuid_in(id)])
        row = cursor.fetchone()
    if row is None:
        return None
    at = time_out(row[2])
    assert at is not None  # noqa: S101 - the column is not null
    return StateValue(
        id, row[0], row[1], at, row[3], json_out(row[5]), json_out(row[4]) or {}
    )


@cache
def _locking(kind: str) -> str:
    return _SQL[kind] if is_sqlite() else f"{_SQL[kind]} FOR NO KEY UPDATE OF r"


def _shared(kind: str, id: UUID, row: tuple[Any, ...]) -> RunRow:
    return RunRow(
        kind=kind,
        id=id,
        workspace_id=row[0],
        name=row[1],
        policy=json_out(row[2]),
        run_count=row[3],
        expected_start_time=time_out(row[4]),
        next_scheduled_start_time=time_out(row[5]),
        start_time=time_out(row[6]),
        end_time=time_out(row[7]),
        total_run_time=row[8],
    )


def _state(row: tuple[Any, ...]) -> StateValue | None:
    id, type, name = uuid_out(row[9]), row[10], row[11]
    at = time_out(row[12])
    if id is None or at is None:
        return None
    return StateValue(
        id, type, name, at, row[13], json_out(row[15]), json_out(row[14]) or {}
    )
