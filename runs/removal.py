"""Forgetting runs, and flows with all their runs; in short transactions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from concurrency import slots
from core.actor import Actor
from core.errors import NotFound
from core.sql import write
from events.record import record
from flows.models import Flow
from logs.models import Log
from runs.models import FlowRun, TaskRun

BATCH = 100  # runs forgotten in one transaction


def delete_flow_run(id: UUID, *, actor: Actor) -> None:
    """Forget a flow run, its task runs, inputs and logs.

    Raises:
        NotFound: there is no such run.
    """
    if not delete_flow_runs([id], actor=actor):
        raise NotFound("Flow run not found")


def delete_flow_runs(ids: Sequence[UUID], *, actor: Actor) -> list[UUID]:
    """Forget those of the runs that exist; which they were, in the order given."""
    gone: set[UUID] = set()
    for first in range(0, len(ids), BATCH):
        with write():
            rows = FlowRun.objects.visible_to(actor).locked()
            found = list(rows.filter(pk__in=ids[first : first + BATCH]).order_by("pk"))
            _forget(found, actor)
        _forget_logs(flow_run_id__in=[run.pk for run in found])
        gone |= {run.pk for run in found}
    return [id for id in ids if id in gone]


def delete_task_run(id: UUID, *, actor: Actor) -> None:
    """Forget a task run and its logs.

    Raises:
        NotFound: there is no such run.
    """
    with write():
        run = TaskRun.objects.visible_to(actor).locked().filter(pk=id).first()
        if run is None:
            raise NotFound("Task not found")
        slots.release_holder("task_run", run.pk)
        record("orion.task-run.deleted", subject=run, actor=actor)
        run.delete()
    _forget_logs(task_run_id=id)


def delete_flow(id: UUID, *, actor: Actor) -> None:
    """Forget a flow with its runs and deployments.

    Raises:
        NotFound: there is no such flow.
    """
    flow = Flow.objects.visible_to(actor).filter(pk=id).first()
    if flow is None:
        raise NotFound("Flow not found")
    of_flow = FlowRun.objects.visible_to(actor).filter(flow_id=id)
    while some := of_flow.order_by("pk").ids(BATCH):
        delete_flow_runs(some, actor=actor)
    with write():
        record("orion.flow.deleted", subject=flow, actor=actor)
        flow.delete()


def _forget(runs: Sequence[FlowRun], actor: Actor) -> None:
    if not runs:
        return
    ids = [run.pk for run in runs]
    tasks = TaskRun.objects.filter(flow_run_id__in=ids).values_list("pk", flat=True)
    for task in tasks:
        slots.release_holder("task_run", task)
    for run in runs:
        slots.release_holder("flow_run", run.pk)
        record("orion.flow-run.deleted", subject=run, actor=actor)
    FlowRun.objects.filter(pk__in=ids).delete()


def _forget_logs(**of: object) -> None:
    """In a transaction of its own: lines may be many, and nothing depends on them."""
    with write():
        Log.objects.filter(**of).delete()
