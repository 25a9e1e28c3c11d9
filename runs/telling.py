"""Events as the wire tells them; those of transitions are told by the state itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from events.models import Event
from runs.current import states_by_id
from runs.models import FlowRun, FlowRunState, TaskRun, TaskRunState
from runs.orchestration.transition import StateValue

Told = dict[str, Any]

_FLOW_RUN, _TASK_RUN = "prefect.flow-run.", "prefect.task-run."


def told(rows: Sequence[Event]) -> list[Told]:
    """Events of the feed, whole, in the order given."""
    bare = [row for row in rows if row.body is None]
    flow = _Transitions([row for row in bare if row.resource_id.startswith(_FLOW_RUN)])
    task = _Transitions([row for row in bare if row.resource_id.startswith(_TASK_RUN)])
    return [_told(row, flow, task) for row in rows]


def _told(row: Event, flow: _Transitions, task: _Transitions) -> Told:
    body = row.body or {}
    if row.body is None:
        body = (flow if row.resource_id.startswith(_FLOW_RUN) else task).body(row)
    return {
        "id": row.id,
        "occurred": row.occurred,
        "received": row.received,
        "event": row.event,
        "resource": body.get("resource") or {"prefect.resource.id": row.resource_id},
        "related": body.get("related") or [],
        "payload": body.get("payload") or {},
        "follows": body.get("follows"),
    }


class _Transitions:
    """What a number of transitions of one kind of runs say; few statements for all."""

    def __init__(self, rows: Sequence[Event]) -> None:
        self.states: dict[UUID, StateValue] = {}
        self.before: dict[UUID, UUID | None] = {}
        self.runs: dict[str, Any] = {}
        if not rows:
            return
        is_flow = rows[0].resource_id.startswith(_FLOW_RUN)
        table: Any = FlowRunState if is_flow else TaskRunState
        kind = "flow_run" if is_flow else "task_run"
        ids = [row.id for row in rows]
        earlier = table.objects.filter(
            **{f"{kind}_id": OuterRef(f"{kind}_id")},
            timestamp__lt=OuterRef("timestamp"),
        ).order_by("-timestamp")
        found = table.objects.filter(pk__in=ids).annotate(
            before=Subquery(earlier.values("pk")[:1])
        )
        self.before = dict(found.values_list("pk", "before"))
        self.states = states_by_id(
            table, [*ids, *(id for id in self.before.values() if id)]
        )
        keys = {row.resource_id.rpartition(".")[2] for row in rows}
        self.runs = {str(run.pk): run for run in _runs(is_flow, keys)}

    def body(self, row: Event) -> Told:
        """Resource, related resources and payload of one transition."""
        state = self.states.get(row.id)
        run = self.runs.get(row.resource_id.rpartition(".")[2])
        if state is None:
            return {}
        before = self.states.get(self.before.get(row.id) or row.id)
        initial = before if before is not None and before.id != row.id else None
        return {
            "resource": _resource(row, run, state),
            "related": _related(run),
            "payload": {
                "intended": {
                    "from": initial.type if initial else None,
                    "to": state.type,
                },
                "initial_state": _state(initial) if initial else None,
                "validated_state": _state(state),
            },
            "follows": initial.id if initial else None,
        }


def _runs(is_flow: bool, keys: Iterable[str]) -> Iterable[Any]:
    if is_flow:
        joined = ("flow", "deployment", "work_queue__pool")
        return FlowRun.objects.filter(pk__in=keys).select_related(*joined)
    around = (
        "flow_run__flow",
        "flow_run__deployment",
        "flow_run__work_queue__pool",
    )
    return TaskRun.objects.filter(pk__in=keys).select_related(*around)


def _resource(row: Event, run: Any, state: StateValue) -> dict[str, str]:
    return {
        "prefect.resource.id": row.resource_id,
        "prefect.resource.name": run.name if run else "",
        "prefect.run-count": str(run.run_count if run else 0),
        "prefect.state-message": state.message or "",
        "prefect.state-name": state.name,
        "prefect.state-timestamp": state.timestamp.isoformat(),
        "prefect.state-type": state.type,
    }


def _related(run: Any) -> list[dict[str, str]]:
    if run is None:
        return []
    found, tags = [], list(run.tags)
    flow_run = run
    if isinstance(run, TaskRun):
        flow_run = run.flow_run
        if flow_run is None:
            return [_tag(tag) for tag in sorted(tags)]
        found.append(_named("flow-run", flow_run))
        tags += flow_run.tags
    found.append(_named("flow", flow_run.flow))
    if flow_run.deployment is not None:
        found.append(_named("deployment", flow_run.deployment))
    if flow_run.work_queue is not None:
        found.append(_named("work-queue", flow_run.work_queue))
        found.append(_named("work-pool", flow_run.work_queue.pool))
    return found + [_tag(tag) for tag in sorted(set(tags))]


def _named(kind: str, row: Any) -> dict[str, str]:
    return {
        "prefect.resource.id": f"prefect.{kind}.{row.pk}",
        "prefect.resource.role": kind,
        "prefect.resource.name": row.name,
    }


def _tag(tag: str) -> dict[str, str]:
    return {
        "prefect.resource.id": f"prefect.tag.{tag}",
        "prefect.resource.role": "tag",
    }


def _state(state: StateValue) -> dict[str, Any]:
    return {"type": state.type, "name": state.name, "message": state.message or ""}
