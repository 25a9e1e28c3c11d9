"""Shapes of work queues, which several rooms read and answer with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from api.base.paging import LIMIT, Window, within
from api.base.wire import INT4, Count, JsonObject, Moment, Name, Text, Wire
from work_pools import health, occupancy

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
    def of(cls, row: Any, now: datetime, *, used: int = 0) -> Self:
        """From a row, with its slots in use."""
        return cls.model_construct(
            **{name: getattr(row, name) for name in COLUMNS},
            work_pool_id=row.pool_id,
            work_pool_name=row.pool.name,
            status=health.of_queue(row, now).value,
            active_slots=used,
        )


def shown_queues(rows: Sequence[Any], now: datetime) -> list[WorkQueueResponse]:
    """Queues, read with their pools, as they are now."""
    used = occupancy.by_queue({row.pool_id for row in rows})
    return [WorkQueueResponse.of(row, now, used=used.get(row.pk, 0)) for row in rows]


_MADE = {"work_pool_id", "work_pool_name", "status", "active_slots"}
COLUMNS = tuple(name for name in WorkQueueResponse.model_fields if name not in _MADE)


class SlotsBody(Wire):
    """Which page of those who hold slots."""

    page: Annotated[int, Field(ge=1, le=INT4)] = 1
    limit: int = LIMIT

    def cut(self) -> slice:
        """The part of the list that is wanted.

        Raises:
            Invalid: the limit is out of bounds.
        """
        limit = self.size()
        return slice((self.page - 1) * limit, self.page * limit)

    def size(self) -> int:
        """Rows of one page.

        Raises:
            Invalid: it is out of bounds.
        """
        return max(1, within(self.limit))

    def pages(self, count: int) -> int:
        """How many pages there are."""
        return -(-count // self.size())


class SlotHolder(Wire):
    """A run that holds a slot."""

    id: UUID
    name: str
    state_type: str | None
    state_name: str | None
    state_timestamp: datetime | None
    start_time: datetime | None
    time_in_current_state: float | None

    @classmethod
    def of(cls, run: Any, now: datetime) -> Self:
        """From a row."""
        since = run.state_timestamp
        return cls.model_construct(
            id=run.pk,
            name=run.name,
            state_type=run.state_type,
            state_name=run.state_name,
            state_timestamp=since,
            start_time=run.start_time,
            time_in_current_state=(now - since).total_seconds() if since else None,
        )
