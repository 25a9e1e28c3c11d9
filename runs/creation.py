"""Makes runs, with their first state, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from core import bulk
from core.actor import Actor
from core.clock import now as clock_now
from core.dialect import THREE, Dialect
from core.errors import Conflict
from core.ids import uuid7
from core.sql import uuid_out, write
from events import hub
from runs.current import attach_states
from runs.models import FlowRun, TaskRun
from runs.names import run_name
from runs.orchestration import bookkeeping, writer
from runs.orchestration.engine import begin, hint, value
from runs.orchestration.transition import (
    Proposal,
    RunRow,
    StateValue,
    Transition,
)
from runs.states import StateType
from runs.subflows import mirror

UNLESS_TAKEN = "ON CONFLICT DO NOTHING"
INSERTED = f"{UNLESS_TAKEN} RETURNING id"
_INTEGRITY = (
    "Data integrity conflict. This usually means a unique or foreign key constraint "
    "was violated. See server logs for details."
)


@dataclass(slots=True)
class NewFlowRun:
    """A flow run to be made. Without `state` it starts PENDING."""

    flow_id: UUID
    id: UUID | None = None
    name: str = ""
    state: Proposal | None = None
    deployment_id: UUID | None = None
    deployment_version: str | None = None
    work_queue_id: UUID | None = None
    work_queue_name: str | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    job_variables: dict[str, Any] | None = None
    empirical_policy: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    labels: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    infrastructure_pid: str | None = None
    infrastructure_document_id: UUID | None = None
    parent_task_run_id: UUID | None = None
    auto_scheduled: bool = False
    created_by: dict[str, Any] | None = None
    schedule_identity: str | None = None
    interval_start: datetime | None = None
    interval_end: datetime | None = None
    backfill_id: UUID | None = None


@dataclass(slots=True)
class NewTaskRun:
    """A task run to be made. Without `state` it starts PENDING."""

    task_key: str
    dynamic_key: str
    flow_run_id: UUID | None = None
    id: UUID | None = None
    name: str = ""
    state: Proposal | None = None
    cache_key: str | None = None
    cache_expiration: datetime | None = None
    task_version: str | None = None
    empirical_policy: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    labels: dict[str, Any] = field(default_factory=dict)
    task_inputs: dict[str, Any] = field(default_factory=dict)


def create_flow_run(
    new: NewFlowRun,
    *,
    actor: Actor,
    dialect: Dialect = THREE,
    now: datetime | None = None,
) -> tuple[FlowRun, bool]:
    """Make a flow run; with a known idempotency key, find the one that was made.

    Returns the run with its state, and whether this call made it.

    Raises:
        Conflict: the flow, or another row it refers to, does not exist.
    """
    with _conflicts(), write():
        run, state = _make("flow_run", new, actor, dialect, now)
    if state is not None:
        run.state = state
        return run, True
    found = FlowRun.objects.visible_to(actor).filter(
        flow_id=new.flow_id, idempotency_key=new.idempotency_key
    )
    return _existing(found), False


def create_flow_runs(
    new: Sequence[NewFlowRun], *, actor: Actor, now: datetime | None = None
) -> list[UUID]:
    """Make many; those whose idempotency key is taken are left out.

    Runs in the caller's transaction, or in one of its own. Returns the ids made.
    """
    at = now or clock_now()
    drafts = [draft("flow_run", run, actor, THREE, at) for run in new]
    with write():
        made = _insert_many(drafts)
        plain = [each for each in made if not each.has_more]
        writer.write_first([(each.t.run, each.state) for each in plain])
        for each in made:
            if each.has_more:
                _finish(each)
        if made:
            topics = [f"run:{each.t.run.id}" for each in made]
            transaction.on_commit(lambda: hub.hint("runs", *topics))
    return [each.t.run.id for each in made]


def create_task_run(
    new: NewTaskRun,
    *,
    actor: Actor,
    dialect: Dialect = THREE,
    now: datetime | None = None,
) -> tuple[TaskRun, bool]:
    """Make a task run, or find the one with these keys.

    Raises:
        Conflict: the flow run does not exist, or the id is another task run's.
    """
    with _conflicts(), write():
        run, state = _make("task_run", new, actor, dialect, now)
    if state is not None:
        run.state = state
        return run, True
    found = TaskRun.objects.visible_to(actor).filter(
        flow_run_id=new.flow_run_id,
        task_key=new.task_key,
        dynamic_key=new.dynamic_key,
    )
    return _existing(found), False


class _conflicts:
    """Turns a violated constraint into a domain error."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, IntegrityError):
            raise Conflict(_INTEGRITY) from error


def _existing(found: Any) -> Any:
    run = found.first()
    if run is None:
        raise Conflict("A run with this id exists already, under other keys.")
    attach_states([run])
    return run


@dataclass(frozen=True, slots=True)
class Draft:
    """A run that is worked out and not yet written."""

    columns: dict[str, Any]
    t: Transition
    state: StateValue

    @property
    def has_more(self) -> bool:
        """Whether more than run, state and event are written for it."""
        is_child = self.t.run.parent_task_run_id is not None
        return is_child or writer.has_result(self.state)


def _make(
    kind: str,
    new: Any,
    actor: Actor,
    dialect: Dialect,
    now: datetime | None,
) -> tuple[Any, StateValue | None]:
    """Insert the run, its state, the event; no state when the run existed."""
    model: Any = FlowRun if kind == "flow_run" else TaskRun
    made = draft(kind, new, actor, dialect, now or clock_now())
    if not _insert(kind, made.columns):
        return model(**made.columns), None
    state = _finish(made)
    hint(made.t.run)
    return model(**made.columns), state


def draft(kind: str, new: Any, actor: Actor, dialect: Dialect, now: datetime) -> Draft:
    """Work out a run and its first state; nothing is written."""
    columns = {name: getattr(new, name) for name in new.__slots__ if name != "state"}
    columns |= {
        "id": new.id or uuid7(),
        "name": new.name or run_name(),
        "workspace_id": actor.workspace_id,
        "created": now,
        "updated": now,
    }
    row = _row(kind, columns)
    proposal = new.state or Proposal(StateType.PENDING)
    t = begin(row, None, proposal, dialect=dialect, now=now)
    state = value(t)
    bookkeeping.apply(t, state)
    return Draft(columns | _state_columns(row, state), t, state)


def _finish(made: Draft) -> StateValue:
    """Write the first state of an inserted run and all that follows from it."""
    state = writer.write(made.t.run, made.state, before=None)
    if made.t.run.parent_task_run_id is not None:
        mirror(made.t, state)
    return state


def _row(kind: str, columns: dict[str, Any]) -> RunRow:
    row = RunRow(
        kind=kind,
        id=columns["id"],
        workspace_id=columns["workspace_id"],
        name=columns["name"],
        policy=columns["empirical_policy"],
    )
    if kind == "flow_run":
        row.flow_id = columns["flow_id"]
        row.deployment_id = columns["deployment_id"]
        row.parent_task_run_id = columns["parent_task_run_id"]
    else:
        row.flow_run_id = columns["flow_run_id"]
        row.tags = columns["tags"]
    return row


def _state_columns(row: RunRow, state: StateValue) -> dict[str, Any]:
    beside = {"flow_run_run_count": 0} if row.kind == "task_run" else {"reclaims": 0}
    return beside | {
        "empirical_policy": row.policy,
        "state_id": state.id,
        "state_type": state.type,
        "state_name": state.name,
        "state_timestamp": state.timestamp,
        "run_count": row.run_count,
        "expected_start_time": row.expected_start_time,
        "next_scheduled_start_time": row.next_scheduled_start_time,
        "start_time": row.start_time,
        "end_time": row.end_time,
        "total_run_time": row.total_run_time,
    }


def _insert(kind: str, columns: dict[str, Any]) -> bool:
    """Insert the row; False when its keys are taken."""
    values = [writer.encoded(name, value) for name, value in columns.items()]
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(kind, tuple(columns)), values)
        return bool(cursor.rowcount == 1)


def _insert_many(drafts: Sequence[Draft]) -> list[Draft]:
    """Insert the rows of flow runs; those whose keys are not taken."""
    if not drafts:
        return []
    names = tuple(drafts[0].columns)
    columns = [
        writer.encoded_all(name, [each.columns[name] for each in drafts])
        for name in names
    ]
    rows = list(zip(*columns, strict=True))
    found = bulk.insert(FlowRun, names, rows, after=INSERTED)
    made = {uuid_out(id) for (id,) in found}
    return [each for each in drafts if each.columns["id"] in made]


@cache
def _insert_sql(kind: str, columns: tuple[str, ...]) -> str:
    places = ", ".join(writer.place(name) for name in columns)
    return (
        f"INSERT INTO orion_runs_{kind.replace('_', '')} ({', '.join(columns)}) "
        f"VALUES ({places}) {UNLESS_TAKEN}"
    )
