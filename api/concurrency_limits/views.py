"""Limits of tags: set, read, list, reset, delete."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.paging import Window
from api.concurrency_limits.shapes import (
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    MinimalLimit,
    Reset,
    TagSlots,
)
from concurrency import services, tag_slots
from concurrency.decay import TAG
from concurrency.models import Limit
from core.actor import Actor
from core.errors import NotFound

MISSING = "Concurrency limit not found"
TAGS = ["Concurrency Limits"]


def by_tag(tag: str, actor: Actor) -> Limit:
    """The limit of a tag.

    Raises:
        NotFound: there is none.
    """
    rows = Limit.objects.visible_to(actor).filter(name=f"{TAG}{tag}")
    found: Limit | None = rows.first()
    if found is None:
        raise NotFound(MISSING)
    return found


def shown(limits: list[Limit], request: Request) -> list[ConcurrencyLimit]:
    """Limits with those who hold their slots."""
    holders = services.task_runs_holding(limits, request.now)
    return [ConcurrencyLimit.of(limit, holders.get(limit.pk, [])) for limit in limits]


def in_short(limit: Limit, name: str) -> MinimalLimit:
    """A limit in short, under this name."""
    return MinimalLimit.model_construct(id=limit.pk, name=name, limit=limit.limit)


class TagLimits(Endpoint):
    """The collection."""

    needs = "concurrency.change"

    @extend_schema(
        operation_id="create_concurrency_limit",
        tags=TAGS,
        request=ConcurrencyLimitCreate,
        responses={200: ConcurrencyLimit, 201: ConcurrencyLimit},
    )
    def post(self, request: Request) -> Response:
        """Set the limit of a tag; 2.x clients always expect 200."""
        sent = request.read(ConcurrencyLimitCreate)
        limit, is_new = services.set_tag_limit(
            sent.tag, sent.concurrency_limit, actor=request.actor
        )
        is_created = is_new and request.dialect.generation > 2
        answer = shown([limit], request)[0]
        return Response(answer, status=201 if is_created else 200)


class FilterTagLimits(Endpoint):
    """Lists."""

    needs = "concurrency.view"

    @extend_schema(
        operation_id="read_concurrency_limits",
        tags=TAGS,
        request=Window,
        responses={200: list[ConcurrencyLimit]},
    )
    def post(self, request: Request) -> Response:
        """The limits of tags, by tag."""
        window = request.read(Window)
        rows = Limit.objects.visible_to(request.actor).filter(name__startswith=TAG)
        return Response(shown(list(rows.order_by("name")[window.cut()]), request))


class TakeTagSlots(Endpoint):
    """Slots of the limits of tags."""

    needs = "concurrency.use"

    @extend_schema(
        operation_id="increment_concurrency_limits_v1",
        tags=TAGS,
        request=TagSlots,
        responses={200: list[MinimalLimit]},
    )
    def post(self, request: Request) -> Response:
        """Take one of each for a task run, or none."""
        sent = request.read(TagSlots)
        limits = tag_slots.take(
            sent.names, sent.task_run_id, actor=request.actor, now=request.now
        )
        return Response([in_short(one, one.name.removeprefix(TAG)) for one in limits])


class GiveTagSlotsBack(Endpoint):
    """Slots of the limits of tags."""

    needs = "concurrency.use"

    @extend_schema(
        operation_id="decrement_concurrency_limits_v1",
        tags=TAGS,
        request=TagSlots,
        responses={200: list[MinimalLimit]},
    )
    def post(self, request: Request) -> Response:
        """Give back those a task run holds."""
        sent = request.read(TagSlots)
        limits = tag_slots.give_back(
            sent.names, sent.task_run_id, actor=request.actor, now=request.now
        )
        return Response([in_short(one, one.name) for one in limits])


class TagLimitByTag(Endpoint):
    """The limit of one tag."""

    needs = {"GET": "concurrency.view", "DELETE": "concurrency.change"}

    @extend_schema(
        operation_id="read_concurrency_limit_by_tag",
        tags=TAGS,
        responses={200: ConcurrencyLimit},
    )
    def get(self, request: Request, tag: str) -> Response:
        """The limit."""
        return Response(shown([by_tag(tag, request.actor)], request)[0])

    @extend_schema(
        operation_id="delete_concurrency_limit_by_tag",
        tags=TAGS,
        responses={200: None},
    )
    def delete(self, request: Request, tag: str) -> Response:
        """Let any number of task runs with the tag run."""
        services.delete(by_tag(tag, request.actor))
        return Response(None)


class ResetTagLimit(Endpoint):
    """Who holds the slots of a tag's limit."""

    needs = "concurrency.change"

    @extend_schema(
        operation_id="reset_concurrency_limit_by_tag",
        tags=TAGS,
        request=Reset,
        responses={200: None},
    )
    def post(self, request: Request, tag: str) -> Response:
        """Say who holds them; nobody by default."""
        sent = request.read(Reset)
        limit = by_tag(tag, request.actor)
        services.reset_tag_limit(limit, sent.slot_override or [], now=request.now)
        return Response(None)


class OneTagLimit(Endpoint):
    """A tag's limit under its id."""

    needs = {"GET": "concurrency.view", "DELETE": "concurrency.change"}

    @extend_schema(
        operation_id="read_concurrency_limit",
        tags=TAGS,
        responses={200: ConcurrencyLimit},
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The limit."""
        return Response(shown([self.one(Limit, id, MISSING)], request)[0])

    @extend_schema(
        operation_id="delete_concurrency_limit", tags=TAGS, responses={200: None}
    )
    def delete(self, request: Request, id: UUID) -> Response:
        """Let any number of task runs with the tag run."""
        services.delete(self.one(Limit, id, MISSING))
        return Response(None)
