"""Shapes of signs of life."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from api.base.wire import Count, Number, Text, Wire
from work_pools.heartbeats import Introduction

Interval = Annotated[float, Field(gt=0, le=86400)]


class LiveRun(Wire):
    """A run whose process lives on the agent's machine."""

    flow_run_id: UUID
    pid: Number


class LiveClaim(Wire):
    """A run that the agent has taken and not started yet."""

    flow_run_id: UUID
    token: UUID


class EndedRun(Wire):
    """A run whose process the agent saw end."""

    flow_run_id: UUID
    exit: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def id_alone(cls, sent: Any) -> Any:
        """The id alone will do where the code is not known."""
        return {"flow_run_id": sent} if isinstance(sent, str) else sent


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
    claims: list[LiveClaim] = []
    ended: list[EndedRun] = []

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
    """Which runs to stop, which claims are lost, and when to beat again."""

    cancel: list[UUID]
    lost: list[UUID]
    interval_seconds: float


class ClaimBody(Wire):
    """Who takes a run; the token says later that it is the same claim."""

    agent: Text
    token: UUID
    message: Annotated[str, Field(max_length=4000)] | None = None


class RunHeartbeat(Wire):
    """What the process of a run says of itself."""

    pid: Number
    host: Text
    interval_seconds: Interval
