"""Shapes of signs of life."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.base.wire import Count, Number, Text, Wire
from work_pools.heartbeats import Introduction

Interval = Annotated[float, Field(gt=0, le=86400)]


class LiveRun(Wire):
    """A run whose process lives on the agent's machine."""

    flow_run_id: UUID
    pid: Number


class AgentHeartbeat(Wire):
    """What an agent says with every beat."""

    name: Text
    host: Text
    pid: Number
    boot_id: Annotated[str, Field(max_length=200)] | None = None
    work_pool: Text | None = None
    work_queues: list[Text] = []
    interval_seconds: Interval
    limit: Count | None = None
    runs: list[LiveRun] = []

    def introduction(self) -> Introduction:
        """For the service."""
        return Introduction(
            name=self.name,
            host=self.host,
            pid=self.pid,
            boot_id=self.boot_id,
            work_pool=self.work_pool,
            work_queues=self.work_queues,
            interval_seconds=self.interval_seconds,
            limit=self.limit,
            busy=len(self.runs),
        )


class HeartbeatAnswer(Wire):
    """Which runs to stop, and when to beat again."""

    cancel: list[UUID]
    interval_seconds: float


class RunHeartbeat(Wire):
    """What the process of a run says of itself."""

    pid: Number
    host: Text
    interval_seconds: Interval
