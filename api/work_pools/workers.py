"""The workers of a pool."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.work_pools.shapes import Worker, WorkersBody
from core.criteria import AFTER, BEFORE, Criteria, Field, Operator
from core.errors import NotFound
from core.sql import write
from work_pools import health, services
from work_pools.models import Worker as WorkerRow

TAGS = ["Work Pools"]


def _criteria(now: datetime, rows: list[WorkerRow]) -> Criteria:
    """What workers can be asked for at `now`: their status is a question of time."""

    def has_status(_: str, wanted: list[str]) -> Q:
        return Q(pk__in=[r.pk for r in rows if health.of_worker(r, now) in wanted])

    def has_other_status(_: str, unwanted: list[str]) -> Q:
        return ~has_status(_, unwanted)

    return Criteria(
        last_heartbeat_time=Field("last_heartbeat", BEFORE, AFTER, of=datetime),
        status=Field(
            "pk",
            Operator("any_", has_status, many=True),
            Operator("not_any_", has_other_status, many=True),
        ),
    )


class FilterWorkers(Endpoint):
    """Lists."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_workers",
        tags=TAGS,
        request=WorkersBody,
        responses={200: list[Worker]},
    )
    def post(self, request: Request, work_pool_name: str) -> Response:
        """The workers that match, the one heard of last first."""
        body = request.read(WorkersBody)
        pool = services.find_pool(work_pool_name, actor=request.actor)
        criteria = _criteria(request.now, list(pool.workers.all()))
        rows = pool.workers.filter(
            criteria.condition(body.workers, ("body", "workers"))
        )
        found = rows.order_by("-last_heartbeat", "name")[body.cut()]
        return Response([Worker.of(row, request.now) for row in found])


class OneWorker(Endpoint):
    """A worker under its name."""

    needs = "work_pools.change"

    @extend_schema(operation_id="delete_worker", tags=TAGS, responses={204: None})
    def delete(self, request: Request, work_pool_name: str, name: str) -> Response:
        """Forget it; a worker that lives comes back with its next heartbeat."""
        pool = services.find_pool(work_pool_name, actor=request.actor)
        with write():
            gone, _ = pool.workers.filter(name=name).delete()
        if not gone:
            raise NotFound("Worker not found.")
        return Response(status=204)
