"""Work pools: create, read, list, change, delete."""

from __future__ import annotations

from datetime import datetime

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.work_pools.criteria import CRITERIA
from api.work_pools.shapes import (
    CountBody,
    PoolCreate,
    PoolsBody,
    PoolUpdate,
    WorkPool,
)
from work_pools import health, occupancy, services
from work_pools.models import WorkPool as PoolRow

TAGS = ["Work Pools"]
PLACE = ("body", "work_pools")


def shown(rows: list[PoolRow], now: datetime) -> list[WorkPool]:
    """Pools as they are now."""
    ids = [row.pk for row in rows]
    ready = health.with_workers(ids, now)
    _, used = occupancy.by_queue_and_pool(ids)
    return [
        WorkPool.of(row, has_worker=row.pk in ready, used=used.get(row.pk, 0))
        for row in rows
    ]


class WorkPools(Endpoint):
    """The collection."""

    needs = "work_pools.create"

    @extend_schema(
        operation_id="create_work_pool",
        tags=TAGS,
        request=PoolCreate,
        responses={201: WorkPool},
    )
    def post(self, request: Request) -> Response:
        """Make a pool with its default queue."""
        new = request.read(PoolCreate)
        pool = services.create_pool(
            new.name, new.model_dump(), type=new.type, actor=request.actor
        )
        return Response(WorkPool.of(pool, has_worker=False), status=201)


class FilterWorkPools(Endpoint):
    """Lists."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_work_pools",
        tags=TAGS,
        request=PoolsBody,
        responses={200: list[WorkPool]},
    )
    def post(self, request: Request) -> Response:
        """The pools that match, by name."""
        body = request.read(PoolsBody)
        found = PoolRow.objects.visible_to(request.actor).filter(
            CRITERIA.condition(body.work_pools, PLACE)
        )
        rows = list(found.order_by("name")[body.cut()])
        return Response(shown(rows, request.now))


class CountWorkPools(Endpoint):
    """Counts."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="count_work_pools",
        tags=TAGS,
        request=CountBody,
        responses={200: int},
    )
    def post(self, request: Request) -> Response:
        """How many pools match."""
        body = request.read(CountBody)
        rows = PoolRow.objects.visible_to(request.actor)
        condition = CRITERIA.condition(body.work_pools, PLACE)
        return Response(rows.filter(condition).count())


class OneWorkPool(Endpoint):
    """A pool under its name."""

    needs = {
        "GET": "work_pools.view",
        "PATCH": "work_pools.change",
        "DELETE": "work_pools.delete",
    }

    @extend_schema(operation_id="read_work_pool", tags=TAGS, responses={200: WorkPool})
    def get(self, request: Request, name: str) -> Response:
        """The pool."""
        pool = services.find_pool(name, actor=request.actor)
        return Response(shown([pool], request.now)[0])

    @extend_schema(
        operation_id="update_work_pool",
        tags=TAGS,
        request=PoolUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, name: str) -> Response:
        """Change what is sent."""
        sent = request.read(PoolUpdate).sent()
        services.amend_pool(name, sent, actor=request.actor)
        return Response(status=204)

    @extend_schema(operation_id="delete_work_pool", tags=TAGS, responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        """Forget it, with its queues and workers."""
        services.delete_pool(name, actor=request.actor)
        return Response(status=204)
