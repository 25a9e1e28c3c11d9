"""Shapes of work pools, queues and workers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from api.base.flow_runs import FlowRunResponse
from api.base.paging import Window
from api.base.wire import Count, JsonObject, Moment, Name, Text, Wire
from api.base.work_queues import SlotHolder, SlotsBody
from work_pools import health

Interval = Annotated[float, Field(gt=0, le=1e9)]


class PoolCreate(Wire):
    """A pool to be made."""

    name: Name
    type: Text = health.CLASSIC
    description: str | None = None
    base_job_template: JsonObject = {}
    is_paused: bool = False
    concurrency_limit: Count | None = None
    storage_configuration: JsonObject = {}


class PoolUpdate(Wire):
    """What can change; only what is sent does."""

    description: str | None = None
    base_job_template: JsonObject = {}
    is_paused: bool = False
    concurrency_limit: Count | None = None
    storage_configuration: JsonObject = {}


class WorkPool(Wire):
    """A pool. Its status follows from what its workers said last."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    description: str | None
    type: str
    base_job_template: JsonObject
    is_paused: bool
    concurrency_limit: int | None
    storage_configuration: JsonObject
    default_queue_id: UUID | None
    status: str | None
    active_slots: int | None

    @classmethod
    def of(cls, row: Any, *, has_worker: bool, used: int = 0) -> Self:
        """From a row, with its slots in use."""
        return cls.model_construct(
            **{name: getattr(row, name) for name in PLAIN},
            status=health.of_pool(row, has_worker=has_worker),
            active_slots=used,
        )


PLAIN = tuple(n for n in WorkPool.model_fields if n not in {"status", "active_slots"})


class PoolsBody(Window):
    """Which pools to list."""

    work_pools: JsonObject | None = None


class CountBody(Wire):
    """Which pools to count."""

    work_pools: JsonObject | None = None


class PollBody(Wire):
    """What a worker asks for."""

    work_queue_names: list[Text] = []
    scheduled_before: Moment | None = None
    scheduled_after: Moment | None = None
    limit: int = 200


class HandedOut(Wire):
    """A due run and where it waits."""

    work_pool_id: UUID
    work_queue_id: UUID
    flow_run: FlowRunResponse


class HeartbeatBody(Wire):
    """A worker lives."""

    name: Name
    heartbeat_interval_seconds: Interval | None = None


class Worker(Wire):
    """A worker; online while it was heard of within three intervals."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    work_pool_id: UUID
    last_heartbeat_time: datetime | None
    heartbeat_interval_seconds: int | None
    status: str

    @classmethod
    def of(cls, row: Any, now: datetime) -> Self:
        """From a row."""
        interval = row.heartbeat_interval_seconds
        return cls.model_construct(
            id=row.id,
            created=row.created,
            updated=row.updated,
            name=row.name,
            work_pool_id=row.pool_id,
            last_heartbeat_time=row.last_heartbeat,
            heartbeat_interval_seconds=None if interval is None else round(interval),
            status=health.of_worker(row, now),
        )


class WorkersBody(Window):
    """Which workers to list."""

    workers: JsonObject | None = None


class PoolSlotsBody(SlotsBody):
    """Which page of queues, and how many runs of each."""

    flow_run_limit: Annotated[int, Field(ge=0, le=200)] = 10


class QueueSlots(Wire):
    """A queue, the slots it uses of its pool's, and the first runs that hold them."""

    queue_id: UUID
    queue_name: str
    active_slots: int
    concurrency_limit: int | None
    flow_run_count: int
    flow_runs: list[SlotHolder]


class PoolSlots(Wire):
    """How many slots of a pool are in use, by queue."""

    active_slots: int
    concurrency_limit: int | None
    queues: list[QueueSlots]
    count: int
    limit: int
    page: int
    pages: int
