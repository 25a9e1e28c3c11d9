"""Verbs on runs: make, amend, hand input, resume, delete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core import changes
from core.actor import Actor
from core.errors import Conflict, NotFound, Refused
from core.sql import write
from events.record import record
from runs.creation import (
    NewFlowRun,
    NewTaskRun,
    create_flow_run,
    create_flow_runs,
    create_task_run,
)
from runs.models import FlowRun, RunInput, TaskRun
from runs.resume import resume
from runs.states import StateType

# what PATCH may change; everything else belongs to the engine
FLOW_RUN_FIELDS = frozenset(
    {
        "name",
        "tags",
        "parameters",
        "flow_version",
        "empirical_policy",
        "infrastructure_pid",
        "job_variables",
    }
)
TASK_RUN_FIELDS = frozenset({"name"})


def amend_flow_run(
    id: UUID, fields: Mapping[str, Any], *, actor: Actor, now: datetime | None = None
) -> FlowRun:
    """Change what clients may change about a flow run.

    Raises:
        NotFound: no such run.
        Refused: job variables of a run that has started, or has no deployment.
    """
    with write():
        run = _locked_flow_run(id, actor)
        if fields.get("job_variables") is not None:
            if run.state_type != StateType.SCHEDULED:
                raise Refused(
                    f"Job variables for a flow run in state {run.state_type} cannot be "
                    "updated"
                )
            if run.deployment_id is None:
                raise Refused(
                    "Job variables of a flow run without a deployment cannot be updated"
                )
        changes.apply(run, {k: v for k, v in fields.items() if k in FLOW_RUN_FIELDS})
    return run


def amend_task_run(id: UUID, fields: Mapping[str, Any], *, actor: Actor) -> TaskRun:
    """Rename a task run.

    Raises:
        NotFound: no such run.
    """
    with write():
        run = TaskRun.objects.visible_to(actor).locked().filter(pk=id).first()
        if run is None:
            raise NotFound("Task run not found")
        changes.apply(run, {k: v for k, v in fields.items() if k in TASK_RUN_FIELDS})
    return run


def merge_labels(id: UUID, labels: Mapping[str, Any], *, actor: Actor) -> None:
    """Add labels to a flow run; known keys get the new values.

    Raises:
        NotFound: no such run.
    """
    with write():
        run = FlowRun.objects.visible_to(actor).locked().filter(pk=id).first()
        if run is None:
            raise NotFound(f"Flow run with id {id} not found")
        changes.apply(run, {"labels": {**run.labels, **labels}})


def add_input(
    id: UUID, key: str, value: str, *, sender: str | None, actor: Actor
) -> None:
    """Store a value for a flow run under a key.

    Raises:
        NotFound: no such run.
        Conflict: the key is taken.
    """
    with write():
        run = _locked_flow_run(id, actor)
        if RunInput.objects.filter(flow_run=run, key=key).exists():
            raise Conflict("A flow run input with this key already exists.")
        RunInput(flow_run=run, key=key, value=value, sender=sender).save(
            force_insert=True
        )
        record(
            "orion.flow-run.input-added", subject=run, actor=actor, payload={"key": key}
        )


def inputs(
    id: UUID,
    *,
    actor: Actor,
    prefix: str = "",
    exclude: frozenset[str] = frozenset(),
    limit: int = 1,
) -> list[RunInput]:
    """The inputs of a flow run whose key starts with `prefix`, oldest first."""
    found = RunInput.objects.filter(
        flow_run__in=FlowRun.objects.visible_to(actor).filter(pk=id),
        key__startswith=prefix,
    ).exclude(key__in=exclude)
    return list(found.order_by("created", "id")[:limit])


def read_input(id: UUID, key: str, *, actor: Actor) -> RunInput:
    """One input of a flow run.

    Raises:
        NotFound: no such run or key.
    """
    found = RunInput.objects.filter(
        flow_run__in=FlowRun.objects.visible_to(actor).filter(pk=id), key=key
    ).first()
    if found is None:
        raise NotFound("Flow run input not found")
    return found


def delete_input(id: UUID, key: str, *, actor: Actor) -> None:
    """Forget one input of a flow run.

    Raises:
        NotFound: no such run or key.
    """
    with write():
        read_input(id, key, actor=actor).delete()


def _locked_flow_run(id: UUID, actor: Actor) -> FlowRun:
    run = FlowRun.objects.visible_to(actor).locked().filter(pk=id).first()
    if run is None:
        raise NotFound("Flow run not found")
    return run


__all__ = [
    "NewFlowRun",
    "NewTaskRun",
    "add_input",
    "amend_flow_run",
    "amend_task_run",
    "create_flow_run",
    "create_flow_runs",
    "create_task_run",
    "delete_input",
    "inputs",
    "merge_labels",
    "read_input",
    "resume",
]
