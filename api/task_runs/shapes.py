"""Shapes of task runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.base.flow_runs import Labels
from api.base.states import State, StateCreate
from api.base.wire import (
    Count,
    JsonObject,
    Moment,
    Number,
    Seconds,
    Tags,
    Text,
    Wire,
)
from runs.creation import NewTaskRun
from runs.current import attach_states
from runs.models import TaskRun as TaskRunRow


class TaskRunPolicy(Wire):
    """How a task run retries."""

    max_retries: Count = 0
    retry_delay_seconds: Seconds = 0
    retries: Count | None = None
    retry_delay: Number | Seconds | list[Number | Seconds] | None = None
    retry_jitter_factor: Annotated[float, Field(ge=0, le=1_000)] | None = None

    @model_validator(mode="after")
    def fill_from_the_old_pair(self) -> Self:
        """Clients of long ago sent `max_retries` and `retry_delay_seconds`."""
        if self.retries is None and self.max_retries:
            self.retries = self.max_retries
        if self.retry_delay is None and self.retry_delay_seconds:
            self.retry_delay = self.retry_delay_seconds
        return self


BLANK_POLICY: dict[str, Any] = TaskRunPolicy().model_dump()


class TaskRunCreate(Wire):
    """A task run to be made."""

    task_key: Text
    dynamic_key: Text
    id: UUID | None = None
    name: Text = ""
    flow_run_id: UUID | None = None
    state: StateCreate | None = None
    cache_key: str | None = None
    cache_expiration: Moment | None = None
    task_version: Text | None = None
    empirical_policy: TaskRunPolicy = TaskRunPolicy()
    tags: Tags = []
    labels: Labels = {}
    task_inputs: dict[str, list[JsonObject]] = {}

    def new(self) -> NewTaskRun:
        """For the service."""
        return NewTaskRun(
            task_key=self.task_key,
            dynamic_key=self.dynamic_key,
            flow_run_id=self.flow_run_id,
            id=self.id,
            name=self.name,
            state=self.state.proposal() if self.state else None,
            cache_key=self.cache_key,
            cache_expiration=self.cache_expiration,
            task_version=self.task_version,
            empirical_policy=self.empirical_policy.model_dump(),
            tags=self.tags,
            labels=self.labels,
            task_inputs=self.task_inputs,
        )


class TaskRunUpdate(Wire):
    """What can change."""

    name: Text = Field(default="", min_length=1)


class TaskRun(Wire):
    """A task run with its state."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    flow_run_id: UUID | None
    task_key: str
    dynamic_key: str
    cache_key: str | None
    cache_expiration: datetime | None
    task_version: str | None
    empirical_policy: TaskRunPolicy
    tags: Tags
    labels: Labels
    state_id: UUID | None
    task_inputs: dict[str, list[JsonObject]]
    state_type: str | None
    state_name: str | None
    run_count: int
    flow_run_run_count: int
    expected_start_time: datetime | None
    next_scheduled_start_time: datetime | None
    start_time: datetime | None
    end_time: datetime | None
    total_run_time: float
    estimated_run_time: float
    estimated_start_time_delta: float
    state: State | None

    @classmethod
    def of(cls, run: Any, now: datetime) -> Self:
        """From a row with its `state`."""
        row = run.__dict__
        values = {name: row[name] for name in COLUMNS}
        values["empirical_policy"] = {**BLANK_POLICY, **run.empirical_policy}
        return cls.model_construct(
            **values,
            estimated_run_time=run.estimated_run_time(now),
            estimated_start_time_delta=run.lateness(now),
            state=State.of(run.state) if run.state else None,
        )


_NO_COLUMNS = {"estimated_run_time", "estimated_start_time_delta", "state"}
COLUMNS = tuple(name for name in TaskRun.model_fields if name not in _NO_COLUMNS)


def shown(runs: Iterable[TaskRunRow], now: datetime) -> list[TaskRun]:
    """Rows as the wire shows them; one query for their states."""
    rows = list(runs)
    attach_states(rows)
    return [TaskRun.of(run, now) for run in rows]
