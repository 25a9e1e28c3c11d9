"""Everything the page of one flow run reads, each table once."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.actor import Actor
from core.errors import NotFound
from logs.models import Log
from runs.models import FlowRun, FlowRunState, Pulse, TaskRun, TaskRunState
from runs.reads import siblings
from runs.states import PROBLEM, StateType

MOST = 500  # task runs that a page draws or lists


class RunDetail:
    """A flow run and what surrounds it; reads happen when first wanted."""

    def __init__(self, id: UUID, actor: Actor, now: datetime) -> None:
        self.actor = actor
        self.now = now
        found = FlowRun.objects.visible_to(actor).filter(pk=id)
        joined = found.select_related(
            "flow",
            "deployment",
            "work_queue__pool",
            "parent_task_run__flow_run",
            "pulse",
        )
        run: FlowRun | None = joined.first()
        if run is None:
            raise NotFound(f"There is no flow run {id} here; it may have been deleted.")
        self.run: FlowRun = run

    @cached_property
    def states(self) -> list[FlowRunState]:
        """The history, oldest first."""
        rows = FlowRunState.objects.filter(flow_run=self.run.pk)
        return list(rows.select_related("result").order_by("timestamp", "id"))

    @property
    def state(self) -> FlowRunState | None:
        """The present state."""
        return next((s for s in self.states if s.pk == self.run.state_id), None)

    @property
    def message(self) -> str:
        """What the present state says."""
        return (self.state.message if self.state else None) or ""

    @cached_property
    def tasks(self) -> list[TaskRun]:
        """The task runs in the order they began, at most `MOST`."""
        visible: Any = TaskRun.objects.visible_to(self.actor)
        rows = visible.filter(flow_run=self.run.pk)
        rows = rows.order_by("start_time", "expected_start_time", "id")
        return list(rows[:MOST])

    @cached_property
    def task_total(self) -> int:
        """How many task runs there are."""
        if len(self.tasks) < MOST:
            return len(self.tasks)
        visible: Any = TaskRun.objects.visible_to(self.actor)
        return int(visible.filter(flow_run=self.run.pk).count())

    @cached_property
    def task_states(self) -> dict[UUID, list[TaskRunState]]:
        """The histories of the listed task runs."""
        rows = (
            TaskRunState.objects.filter(task_run__in=[task.pk for task in self.tasks])
            .order_by("task_run_id", "timestamp", "id")
            .defer("details", "result")
        )
        return {id: list(states) for id, states in groupby(rows, key=_owner)}

    @cached_property
    def children(self) -> list[FlowRun]:
        """The runs that tasks of this run started, at most `MOST`."""
        rows = FlowRun.objects.visible_to(self.actor).children_of([self.run.pk])
        return list(rows.select_related("flow").order_by("start_time", "id")[:MOST])

    @cached_property
    def log_total(self) -> int:
        """How many log lines there are."""
        return self.lines.count()

    @property
    def lines(self) -> QuerySet[Log]:
        """The log lines."""
        return self.actor.narrow(Log.objects.filter(flow_run_id=self.run.pk))

    @cached_property
    def around(self) -> tuple[FlowRun | None, FlowRun | None]:
        """The previous and the next run."""
        return siblings(self.run, FlowRun.objects.visible_to(self.actor))

    @cached_property
    def first_failed(self) -> TaskRun | None:
        """The task run that failed first, subflow placeholders aside."""
        failed = [task for task in self.tasks if task.state_type in PROBLEM]
        failed.sort(key=lambda task: (task.end_time is None, task.end_time, task.pk))
        return failed[0] if failed else None

    @property
    def is_live(self) -> bool:
        """Whether something may still change."""
        return not self.run.is_final

    @property
    def suspect_since(self) -> datetime | None:
        """When a running run was last heard of, if that is suspiciously long ago."""
        pulse: Pulse | None = getattr(self.run, "pulse", None)
        is_running = self.run.state_type == StateType.RUNNING
        return pulse.suspect_since if pulse and is_running else None

    @property
    def started_by(self) -> str:
        """The schedule, parent or person behind it, as far as it is known."""
        if self.run.auto_scheduled:
            return "a schedule"
        by = self.run.created_by
        name = by.get("display_value") if isinstance(by, dict) else None
        return str(name or "")

    @property
    def parent(self) -> FlowRun | None:
        """The run that started this one."""
        task = self.run.parent_task_run
        return task.flow_run if task else None


def _owner(state: TaskRunState) -> UUID:
    id: UUID = state.task_run_id
    return id
