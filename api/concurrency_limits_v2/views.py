"""Named limits: make, read, change; take and give back slots."""

from __future__ import annotations

import contextlib
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.paging import Window
from api.concurrency_limits_v2.shapes import (
    ConcurrencyLimitV2,
    ConcurrencyLimitV2Create,
    ConcurrencyLimitV2Update,
    Decrement,
    DecrementWithLease,
    GlobalConcurrencyLimit,
    Increment,
    IncrementWithLease,
    LeaseTaken,
    MinimalConcurrencyLimit,
)
from concurrency import services, slots
from concurrency.models import Limit
from concurrency.services import Wanted
from core.actor import Actor
from core.errors import NotFound

MISSING = "Concurrency Limit not found"
TAGS = ["Concurrency Limits V2"]


def find(id_or_name: str, actor: Actor) -> Limit:
    """The limit with this id or, when there is none, this name.

    Raises:
        NotFound: there is neither.
    """
    wanted = Q(name=id_or_name)
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=UUID(id_or_name))
    found: list[Limit] = list(Limit.objects.visible_to(actor).filter(wanted)[:2])
    if not found:
        raise NotFound(MISSING)
    return min(found, key=lambda limit: limit.name == id_or_name)


class Limits(Endpoint):
    """The collection."""

    needs = "concurrency.change"

    @extend_schema(
        operation_id="create_concurrency_limit_v2",
        tags=TAGS,
        request=ConcurrencyLimitV2Create,
        responses={201: ConcurrencyLimitV2},
    )
    def post(self, request: Request) -> Response:
        """Make one; 409 when its name is taken."""
        sent = request.read(ConcurrencyLimitV2Create)
        limit = Limit(
            name=sent.name,
            limit=sent.limit,
            active=sent.active,
            slot_decay_per_second=sent.slot_decay_per_second,
            denied_slots=sent.denied_slots,
            denied_at=request.now if sent.denied_slots else None,
        )
        services.create(
            limit, taken=sent.active_slots, actor=request.actor, now=request.now
        )
        return Response(ConcurrencyLimitV2.of(limit, sent.active_slots), status=201)


class FilterLimits(Endpoint):
    """Lists."""

    needs = "concurrency.view"

    @extend_schema(
        operation_id="read_all_concurrency_limits_v2",
        tags=TAGS,
        request=Window,
        responses={200: list[GlobalConcurrencyLimit]},
    )
    def post(self, request: Request) -> Response:
        """All limits, by name."""
        window = request.read(Window)
        rows = Limit.objects.visible_to(request.actor).order_by("name")
        limits = list(rows[window.cut()])
        taken = slots.in_use([limit.pk for limit in limits], request.now)
        return Response(
            [GlobalConcurrencyLimit.of(limit, taken[limit.pk]) for limit in limits]
        )


class OneLimit(Endpoint):
    """A limit under its id or name."""

    needs = {
        "GET": "concurrency.view",
        "PATCH": "concurrency.change",
        "DELETE": "concurrency.change",
    }

    @extend_schema(
        operation_id="read_concurrency_limit_v2",
        tags=TAGS,
        responses={200: GlobalConcurrencyLimit},
    )
    def get(self, request: Request, id_or_name: str) -> Response:
        """The limit."""
        limit = find(id_or_name, request.actor)
        taken = slots.in_use([limit.pk], request.now)[limit.pk]
        return Response(GlobalConcurrencyLimit.of(limit, taken))

    @extend_schema(
        operation_id="update_concurrency_limit_v2",
        tags=TAGS,
        request=ConcurrencyLimitV2Update,
        responses={204: None},
    )
    def patch(self, request: Request, id_or_name: str) -> Response:
        """Change what was sent."""
        sent = request.read(ConcurrencyLimitV2Update).sent()
        wanted = {name: value for name, value in sent.items() if value is not None}
        limit = find(id_or_name, request.actor)
        services.change(limit, wanted, now=request.now)
        return Response(status=204)

    @extend_schema(
        operation_id="delete_concurrency_limit_v2", tags=TAGS, responses={204: None}
    )
    def delete(self, request: Request, id_or_name: str) -> Response:
        """Remove it."""
        services.delete(find(id_or_name, request.actor))
        return Response(status=204)


class IncrementSlots(Endpoint):
    """Slots taken without a lease."""

    needs = "concurrency.take"

    @extend_schema(
        operation_id="bulk_increment_active_slots",
        tags=TAGS,
        request=Increment,
        responses={200: list[MinimalConcurrencyLimit]},
    )
    def post(self, request: Request) -> Response:
        """Take slots of all limits or of none; 423 when one is full."""
        wanted = request.read(Increment).wanted()
        limits = services.acquire(
            wanted, actor=request.actor, dialect=request.dialect, now=request.now
        )
        return Response([MinimalConcurrencyLimit.of(limit) for limit in limits])


class IncrementSlotsWithLease(Endpoint):
    """Slots taken for a time."""

    needs = "concurrency.take"

    @extend_schema(
        operation_id="bulk_increment_active_slots_with_lease",
        tags=TAGS,
        request=IncrementWithLease,
        responses={200: LeaseTaken},
    )
    def post(self, request: Request) -> Response:
        """Take slots of all limits or of none; 423 when one is full."""
        sent = request.read(IncrementWithLease)
        lease, limits = services.acquire_with_lease(
            sent.wanted(),
            ttl=sent.ttl,
            holder=(sent.holder.type, sent.holder.id) if sent.holder else None,
            actor=request.actor,
            dialect=request.dialect,
            now=request.now,
        )
        answer = LeaseTaken(
            lease_id=lease.pk,
            limits=[MinimalConcurrencyLimit.of(limit) for limit in limits],
        )
        return Response(answer)


class DecrementSlots(Endpoint):
    """Slots given back that were taken without a lease."""

    needs = "concurrency.take"

    @extend_schema(
        operation_id="bulk_decrement_active_slots",
        tags=TAGS,
        request=Decrement,
        responses={200: list[MinimalConcurrencyLimit]},
    )
    def post(self, request: Request) -> Response:
        """Give them back; more than were taken is no error."""
        sent = request.read(Decrement)
        limits = services.give_back(
            Wanted(sent.names, sent.slots),
            seconds=sent.occupancy_seconds,
            actor=request.actor,
            dialect=request.dialect,
            now=request.now,
        )
        return Response([MinimalConcurrencyLimit.of(limit) for limit in limits])


class DecrementSlotsWithLease(Endpoint):
    """A lease given back."""

    needs = "concurrency.take"

    @extend_schema(
        operation_id="bulk_decrement_active_slots_with_lease",
        tags=TAGS,
        request=DecrementWithLease,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """Give it back; it may be gone already."""
        sent = request.read(DecrementWithLease)
        services.give_back_lease(sent.lease_id, now=request.now)
        return Response(status=204)
