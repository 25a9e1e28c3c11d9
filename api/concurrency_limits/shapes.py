"""Shapes of the limits of tags."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.base.wire import Count, Wire
from concurrency.decay import TAG
from concurrency.models import Limit

Tag = Annotated[str, Field(min_length=1, max_length=1000)]


class ConcurrencyLimitCreate(Wire):
    """How many task runs with a tag may run at once."""

    tag: Tag
    concurrency_limit: Count


class Reset(Wire):
    """Which task runs hold the slots from now on."""

    slot_override: list[UUID] | None = None


class TagSlots(Wire):
    """A task run, and the tags of whose limits it takes or gives back slots."""

    names: list[Tag]
    task_run_id: UUID


class MinimalLimit(Wire):
    """A limit in short."""

    id: UUID
    name: str
    limit: int


class ConcurrencyLimit(Wire):
    """The limit of a tag and the task runs that hold its slots."""

    id: UUID
    created: datetime
    updated: datetime
    tag: str
    concurrency_limit: int
    active_slots: list[UUID]

    @classmethod
    def of(cls, limit: Limit, holders: list[UUID]) -> Self:
        """From a row and who holds its slots."""
        return cls.model_construct(
            id=limit.pk,
            created=limit.created,
            updated=limit.updated,
            tag=limit.name.removeprefix(TAG),
            concurrency_limit=limit.limit,
            active_slots=holders,
        )
