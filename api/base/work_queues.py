"""Shapes of work queues, which several rooms read and answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from api.base.paging import Window
from api.base.wire import INT4, Count, JsonObject, Moment, Name, Text, Wire
from work_pools import health

Priority = Annotated[int, Field(ge=1, le=INT4)]


class QueueFilter(Wire):
    """Which runs a classic agent's queue selects, where it does not go by its name."""

    tags: list[Text] | None = None
    deployment_ids: list[UUID] | None = None


class QueueCreate(Wire):
    """A queue to be made."""

    name: Name
    description: str | None = ""
    is_paused: bool = False
    concurrency_limit: Count | None = None
    priority: Priority | None = None
    filter: QueueFilter | None = None

    def columns(self) -> dict[str, Any]:
        """For the service."""
        return self.model_dump(mode="json", exclude={"name"})


class QueueUpdate(Wire):
    """What can change; only what is sent does."""

    name: Name | None = None
    description: str | None = None
    is_paused: bool = False
    concurrency_limit: Count | None = None
    priority: Priority | None = None
    last_polled: Moment | None = None
    filter: QueueFilter | None = None

    def changes(self) -> dict[str, Any]:
        """The columns that were sent."""
        sent = self.sent()
        if self.filter is not None:
            sent["filter"] = self.filter.model_dump(mode="json")
        return sent


class QueuesBody(Window):
    """Which queues to list."""

    work_queues: JsonObject | None = None


class WorkQueueResponse(Wire):
    """A queue with its pool's name; read it with its pool."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    description: str | None
    is_paused: bool
    concurrency_limit: int | None
    priority: int
    work_pool_id: UUID | None
    work_pool_name: str | None
    filter: QueueFilter | None
    last_polled: datetime | None
    status: str | None
    active_slots: int | None

    @classmethod
    def of(cls, row: Any, now: datetime) -> Self:
        """From a row."""
        return cls.model_construct(
            **{name: getattr(row, name) for name in COLUMNS},
            work_pool_id=row.pool_id,
            work_pool_name=row.pool.name,
            status=health.of_queue(row, now).value,
            active_slots=None,
        )


_MADE = {"work_pool_id", "work_pool_name", "status", "active_slots"}
COLUMNS = tuple(name for name in WorkQueueResponse.model_fields if name not in _MADE)
