"""Shapes of classic work queues."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from api.base.wire import Moment, Wire
from api.base.work_queues import SlotHolder


class PollBody(Wire):
    """What a classic agent asks for."""

    limit: int = 200
    scheduled_before: Moment | None = None
    agent_id: UUID | None = None


class HealthPolicy(Wire):
    """When a queue counts as healthy."""

    maximum_late_runs: int
    maximum_seconds_since_last_polled: int


class WorkQueueStatus(Wire):
    """Whether a queue's runs are taken in time."""

    healthy: bool
    late_runs_count: int
    last_polled: datetime | None
    health_check_policy: HealthPolicy


class QueueSlots(Wire):
    """How many slots of a queue are in use, and a page of the runs that hold them."""

    active_slots: int
    concurrency_limit: int | None
    flow_runs: list[SlotHolder]
    count: int
    limit: int
    page: int
    pages: int
