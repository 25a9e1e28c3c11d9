"""The shape of a flow run, which several rooms answer with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from django.db.models import F
from pydantic import model_validator

from api.base.states import State
from api.base.wire import Count, JsonObject, Seconds, Tags, Text, Wire
from core.prepared import Finder
from runs.current import attach_states
from runs.models import FlowRun
from runs.querysets import FlowRunQuerySet
from work_pools.models import WorkQueue

Labels = dict[Text, bool | int | float | str]


class FlowRunPolicy(Wire):
    """How a flow run retries and pauses."""

    max_retries: Count = 0
    retry_delay_seconds: Seconds = 0
    retries: Count | None = None
    retry_delay: Count | None = None
    pause_keys: list[str] = []
    resuming: bool = False
    retry_type: Literal["in_process", "reschedule"] | None = None

    @model_validator(mode="after")
    def fill_from_the_old_pair(self) -> Self:
        """Clients of long ago sent `max_retries` and `retry_delay_seconds`."""
        if self.retries is None and self.max_retries:
            self.retries = self.max_retries
        if self.retry_delay is None and self.retry_delay_seconds:
            self.retry_delay = int(self.retry_delay_seconds)
        return self


BLANK_POLICY: dict[str, Any] = FlowRunPolicy().model_dump()


class CreatedBy(Wire):
    """Who made it."""

    id: UUID | None = None
    type: str | None = None
    display_value: str | None = None


class FlowRunResponse(Wire):
    """A flow run with its state, its queue and its pool."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    flow_id: UUID
    state_id: UUID | None
    deployment_id: UUID | None
    deployment_version: str | None
    work_queue_id: UUID | None
    work_queue_name: str | None
    flow_version: str | None
    parameters: JsonObject
    idempotency_key: str | None
    context: JsonObject
    empirical_policy: FlowRunPolicy
    tags: Tags
    labels: Labels
    parent_task_run_id: UUID | None
    state_type: str | None
    state_name: str | None
    run_count: int
    expected_start_time: datetime | None
    next_scheduled_start_time: datetime | None
    start_time: datetime | None
    end_time: datetime | None
    total_run_time: float
    estimated_run_time: float
    estimated_start_time_delta: float
    auto_scheduled: bool
    schedule_identity: str | None
    interval_start: datetime | None
    interval_end: datetime | None
    backfill_id: UUID | None
    infrastructure_document_id: UUID | None
    infrastructure_pid: str | None
    created_by: CreatedBy | None
    work_pool_id: UUID | None
    work_pool_name: str | None
    state: State | None
    job_variables: JsonObject | None

    @classmethod
    def of(cls, run: Any, now: datetime) -> Self:
        """From a row with its `state` and, if it has a queue, that queue's pool."""
        row = run.__dict__
        values = {name: row[name] for name in COLUMNS}
        values["empirical_policy"] = {**BLANK_POLICY, **run.empirical_policy}
        return cls.model_construct(
            **values,
            estimated_run_time=run.estimated_run_time(now),
            estimated_start_time_delta=run.lateness(now),
            work_pool_id=row.get("work_pool_id"),
            work_pool_name=row.get("work_pool_name"),
            state=State.of(run.state) if run.state else None,
        )


_NO_COLUMNS = {
    "estimated_run_time",
    "estimated_start_time_delta",
    "work_pool_id",
    "work_pool_name",
    "state",
}
COLUMNS = tuple(
    name for name in FlowRunResponse.model_fields if name not in _NO_COLUMNS
)


def with_pool(runs: FlowRunQuerySet) -> FlowRunQuerySet:
    """With the pool of each run's queue."""
    found: FlowRunQuerySet = runs.annotate(
        work_pool_id=F("work_queue__pool_id"),
        work_pool_name=F("work_queue__pool__name"),
    )
    return found


def shown(runs: Iterable[FlowRun], now: datetime) -> list[FlowRunResponse]:
    """Rows read `with_pool` as the wire shows them; one query for their states."""
    rows = list(runs)
    attach_states(rows)
    return [FlowRunResponse.of(run, now) for run in rows]


def shown_new(run: FlowRun, now: datetime) -> FlowRunResponse:
    """A run that was just made, or found by its key; its `state` is attached."""
    if run.work_queue_id is not None:
        found = _queues.one(pk=run.work_queue_id)
        if found is not None:
            run.__dict__["work_pool_id"] = found.pool_id
            run.__dict__["work_pool_name"] = found.pool.name
    return FlowRunResponse.of(run, now)


_queues: Finder[WorkQueue] = Finder(
    lambda: WorkQueue.objects.select_related("pool").only("pool", "pool__name")
)
