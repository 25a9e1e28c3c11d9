"""Task runs that clients orchestrate themselves: event frames become rows.

3.x clients report every task state as an event. A batch of frames is sorted, merged and
written with a number of statements that does not depend on its size. Order of arrival
does not matter: a row never goes back to an older state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction

from core.actor import DEFAULT_WORKSPACE
from core.clock import now as clock_now
from core.sql import write
from events import inbox
from events.hub import hint
from events.models import Event, InboxFrame
from runs import pulses
from runs.models import FlowRun, TaskRun
from runs.orchestration import writer
from runs.orchestration.transition import RunRow, StateValue

BATCH = 500
HEARTBEAT = "prefect.flow-run.heartbeat"
_PREFIX = "prefect.task-run."
_FLOW_RUN = "prefect.flow-run."


@dataclass(slots=True)
class Report:
    """One task-run event: the state it tells of and the run's own fields."""

    task_run_id: UUID
    flow_run_id: UUID | None
    state: StateValue
    fields: dict[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        """What identifies the task run: its place in its flow, else its id."""
        if self.flow_run_id is None:
            return (self.task_run_id,)
        return (
            self.flow_run_id,
            self.fields.get("task_key"),
            self.fields.get("dynamic_key"),
        )


def work_in(now: datetime | None = None) -> int:
    """Work in the oldest frames; returns how many there were.

    A batch that breaks a constraint is taken apart: each frame gets a transaction of
    its own, and those that still fail are put off.
    """
    at = now or clock_now()
    try:
        with write():
            frames = inbox.claim(BATCH, at)
            _record(frames, at)
            inbox.forget(frames)
        return len(frames)
    except (IntegrityError, ValueError, KeyError, TypeError):
        return _one_by_one(at)


def _one_by_one(at: datetime) -> int:
    with write():
        frames = inbox.claim(BATCH, at)
        for frame in frames:
            try:
                with transaction.atomic():
                    _record([frame], at)
                    inbox.forget([frame])
            except (IntegrityError, ValueError, KeyError, TypeError):
                inbox.put_off([frame], at)
    return len(frames)


def _record(frames: list[InboxFrame], at: datetime) -> None:
    events = [orjson.loads(frame.frame) for frame in frames]
    reports = [report(event) for event in events if is_report(event)]
    _store_runs(reports, at)
    _store_events(events, at)
    pulses.hear(_heartbeats(events), at)
    topics = {f"run:{one.flow_run_id}" for one in reports if one.flow_run_id}
    topics |= {f"task-run:{one.task_run_id}" for one in reports}
    if events:
        transaction.on_commit(lambda: hint(*topics))


def _heartbeats(events: list[dict[str, Any]]) -> dict[UUID, datetime]:
    """When the newest heartbeat of each flow run was sent."""
    sent: dict[UUID, datetime] = {}
    for event in events:
        if event.get("event") == HEARTBEAT:
            resource = event["resource"]["prefect.resource.id"]
            id, at = UUID(resource.removeprefix(_FLOW_RUN)), _time(event["occurred"])
            sent[id] = max(at, sent.get(id, at))
    return sent


def is_report(event: dict[str, Any]) -> bool:
    """Whether a frame tells of a task run's state."""
    resource = event.get("resource") or {}
    return bool(
        str(event.get("event", "")).startswith(_PREFIX)
        and resource.get("prefect.orchestration") == "client"
    )


def report(event: dict[str, Any]) -> Report:
    """A frame as a report.

    Raises:
        KeyError, ValueError, TypeError: parts are missing or have the wrong form.
    """
    payload = event["payload"]
    state = payload["validated_state"]
    resource = event["resource"]["prefect.resource.id"]
    value = StateValue(
        UUID(event["id"]),
        state["type"],
        state.get("name") or state["type"].capitalize(),
        _time(event["occurred"]),
        state.get("message"),
        state.get("data"),
        {k: v for k, v in (state.get("state_details") or {}).items() if v is not None},
    )
    return Report(
        UUID(resource.removeprefix(_PREFIX)),
        _flow_run_of(event.get("related") or []),
        value,
        payload["task_run"],
    )


def _flow_run_of(related: Iterable[dict[str, str]]) -> UUID | None:
    for resource in related:
        if resource.get("prefect.resource.role") == "flow-run":
            return UUID(
                resource["prefect.resource.id"].removeprefix("prefect.flow-run.")
            )
    return None


def _store_runs(reports: list[Report], at: datetime) -> None:
    if not reports:
        return
    workspaces = _workspaces(reports)
    known = _known_ids(reports)
    newest: dict[tuple[Any, ...], Report] = {}
    for one in sorted(reports, key=lambda one: one.state.timestamp):
        newest[one.key] = one
        known.setdefault(one.key, one.task_run_id)
    rows = [_columns(known[key], one, workspaces, at) for key, one in newest.items()]
    free = [row for row in rows if row["flow_run_id"] is None]
    writer.upsert_task_runs([row for row in rows if row["flow_run_id"] is not None])
    writer.upsert_task_runs(free)
    writer.write_states(
        [
            (
                _row_of(known[one.key], one, workspaces),
                replace(one.state, details=_with_ids(known[one.key], one)),
            )
            for one in reports
        ]
    )


def _workspaces(reports: list[Report]) -> dict[UUID, int]:
    """The workspace of every flow run named; a missing one breaks the constraint."""
    ids = {one.flow_run_id for one in reports if one.flow_run_id}
    return dict(FlowRun.objects.filter(pk__in=ids).values_list("pk", "workspace_id"))


def _known_ids(reports: list[Report]) -> dict[tuple[Any, ...], UUID]:
    """Ids of the task runs that exist; an existing id wins over the reported one."""
    flow_runs = {one.flow_run_id for one in reports if one.flow_run_id}
    keys = {one.fields.get("dynamic_key") for one in reports if one.flow_run_id}
    found = TaskRun.objects.filter(flow_run_id__in=flow_runs, dynamic_key__in=keys)
    return {
        (flow_run_id, task_key, dynamic_key): id
        for id, flow_run_id, task_key, dynamic_key in found.values_list(
            "pk", "flow_run_id", "task_key", "dynamic_key"
        )
    }


def _columns(
    id: UUID, one: Report, workspaces: dict[UUID, int], at: datetime
) -> dict[str, Any]:
    fields, state = one.fields, one.state
    workspace = DEFAULT_WORKSPACE
    if one.flow_run_id is not None:
        workspace = workspaces.get(one.flow_run_id, DEFAULT_WORKSPACE)
    return {
        "id": id,
        "created": at,
        "updated": at,
        "workspace_id": workspace,
        "flow_run_id": one.flow_run_id,
        "name": str(fields.get("name") or "task"),
        "task_key": str(fields["task_key"]),
        "dynamic_key": str(fields["dynamic_key"]),
        "task_version": fields.get("task_version"),
        "cache_key": fields.get("cache_key"),
        "cache_expiration": _time(fields.get("cache_expiration")),
        "tags": fields.get("tags") or [],
        "labels": fields.get("labels") or {},
        "empirical_policy": fields.get("empirical_policy") or {},
        "task_inputs": fields.get("task_inputs") or {},
        "run_count": int(fields.get("run_count") or 0),
        "flow_run_run_count": int(fields.get("flow_run_run_count") or 0),
        "expected_start_time": _time(fields.get("expected_start_time")),
        "next_scheduled_start_time": _time(fields.get("next_scheduled_start_time")),
        "start_time": _time(fields.get("start_time")),
        "end_time": _time(fields.get("end_time")),
        "total_run_time": _seconds(fields.get("total_run_time")),
        "state_id": state.id,
        "state_type": state.type,
        "state_name": state.name,
        "state_timestamp": state.timestamp,
    }


def _row_of(id: UUID, one: Report, workspaces: dict[UUID, int]) -> RunRow:
    workspace = DEFAULT_WORKSPACE
    if one.flow_run_id is not None:
        workspace = workspaces.get(one.flow_run_id, DEFAULT_WORKSPACE)
    row = RunRow("task_run", id, workspace, "", {})
    row.flow_run_id = one.flow_run_id
    return row


def _with_ids(id: UUID, one: Report) -> dict[str, Any]:
    details = {**one.state.details, "task_run_id": str(id)}
    if one.flow_run_id is not None:
        details["flow_run_id"] = str(one.flow_run_id)
    return details


def _store_events(events: list[dict[str, Any]], at: datetime) -> None:
    rows = []
    for event in events:
        flow_run = _flow_run_of(event.get("related") or [])
        is_state = is_report(event)
        rows.append(
            Event(
                id=UUID(event["id"]),
                occurred=_time(event["occurred"]),
                received=at,
                event=event["event"],
                resource_id=event["resource"]["prefect.resource.id"],
                flow_run_id=flow_run,
                body=None if is_state else event,
            )
        )
    Event.objects.bulk_create(rows, ignore_conflicts=True)


def _time(value: Any) -> Any:
    if value is None or isinstance(value, datetime):
        return value
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"a time without zone: {value}")
    return moment


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
