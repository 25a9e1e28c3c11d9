"""Shapes of named limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from api.base.wire import INT4, Count, Name, Text, Wire
from concurrency.models import Limit
from concurrency.services import Wanted

SLOWEST, FASTEST = 1e-6, 1e9  # slots a second that drain


def _drains(rate: float) -> float:
    if rate and not SLOWEST <= rate <= FASTEST:
        raise ValueError(f"0, or a rate between {SLOWEST:g} and {FASTEST:g}, is wanted")
    return rate


Rate = Annotated[float, Field(ge=0), AfterValidator(_drains)]
Slots = Annotated[int, Field(gt=0, le=INT4)]
Names = Annotated[list[Text], Field(max_length=1000)]
Duration = Annotated[float, Field(ge=60, le=86_400)]  # seconds


class ConcurrencyLimitV2Create(Wire):
    """A limit to be made."""

    name: Name
    limit: Count
    active: bool = True
    active_slots: Count = 0
    denied_slots: Count = 0
    slot_decay_per_second: Rate = 0.0


class ConcurrencyLimitV2Update(Wire):
    """What can change."""

    name: Name | None = None
    limit: Count | None = None
    active: bool | None = None
    active_slots: Count | None = None
    denied_slots: Count | None = None
    slot_decay_per_second: Rate | None = None


class GlobalConcurrencyLimit(Wire):
    """A limit and how many of its slots are taken."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    limit: int
    active: bool
    active_slots: int
    slot_decay_per_second: float

    @classmethod
    def of(cls, limit: Limit, taken: int) -> Self:
        """From a row and its use."""
        return cls.model_construct(**_columns(limit), active_slots=taken)


class ConcurrencyLimitV2(GlobalConcurrencyLimit):
    """A limit that has just been made."""

    denied_slots: int
    avg_slot_occupancy_seconds: float

    @classmethod
    def of(cls, limit: Limit, taken: int) -> Self:
        """From a row and its use."""
        return cls.model_construct(
            **_columns(limit),
            active_slots=taken,
            denied_slots=int(limit.denied_slots),
            avg_slot_occupancy_seconds=limit.avg_slot_occupancy_seconds,
        )


class MinimalConcurrencyLimit(Wire):
    """A limit whose slots were asked for."""

    id: UUID
    name: str
    limit: int

    @classmethod
    def of(cls, limit: Limit) -> Self:
        """From a row."""
        return cls.model_construct(id=limit.pk, name=limit.name, limit=limit.limit)


class Increment(Wire):
    """Slots to take, of all these limits or of none."""

    names: Names
    slots: Slots
    mode: Literal["concurrency", "rate_limit"] = "concurrency"

    def wanted(self) -> Wanted:
        """As the domain takes it."""
        return Wanted(self.names, self.slots, is_rate=self.mode == "rate_limit")


class Holder(Wire):
    """Who holds a lease."""

    type: Literal["flow_run", "task_run", "deployment"]
    id: UUID


class Lasting(Wire):
    """For how long."""

    lease_duration: Duration = 300.0

    @property
    def ttl(self) -> timedelta:
        """As a span."""
        return timedelta(seconds=self.lease_duration)


class IncrementWithLease(Increment, Lasting):
    """Slots to take for a time."""

    holder: Holder | None = None


class LeaseTaken(Wire):
    """A lease and what it holds."""

    lease_id: UUID
    limits: list[MinimalConcurrencyLimit]


class Decrement(Wire):
    """Slots to give back that were taken without a lease."""

    names: Names
    slots: Slots
    occupancy_seconds: Annotated[float, Field(gt=0)] | None = None


class DecrementWithLease(Wire):
    """A lease to give back."""

    lease_id: UUID


def _columns(limit: Limit) -> dict[str, Any]:
    names = ("name", "limit", "active", "slot_decay_per_second", "created", "updated")
    return {"id": limit.pk, **{name: getattr(limit, name) for name in names}}
