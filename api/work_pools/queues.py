"""The queues of a pool."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.work_queues import (
    QueueCreate,
    QueuesBody,
    QueueUpdate,
    WorkQueueResponse,
    shown_queues,
)
from api.work_pools.criteria import QUEUES
from work_pools import services

TAGS = ["Work Pools"]


class Queues(Endpoint):
    """The collection."""

    needs = "work_pools.change"

    @extend_schema(
        operation_id="create_work_queue",
        tags=TAGS,
        request=QueueCreate,
        responses={201: WorkQueueResponse},
    )
    def post(self, request: Request, work_pool_name: str) -> Response:
        """Add a queue."""
        new = request.read(QueueCreate)
        pool = services.find_pool(work_pool_name, actor=request.actor)
        queue = services.create_queue(
            pool, new.name, new.columns(), actor=request.actor
        )
        return Response(WorkQueueResponse.of(queue, request.now), status=201)


class FilterQueues(Endpoint):
    """Lists."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_work_queues",
        tags=TAGS,
        request=QueuesBody,
        responses={200: list[WorkQueueResponse]},
    )
    def post(self, request: Request, work_pool_name: str) -> Response:
        """The queues that match, by priority."""
        body = request.read(QueuesBody)
        pool = services.find_pool(work_pool_name, actor=request.actor)
        condition = QUEUES.condition(body.work_queues, ("body", "work_queues"))
        rows = pool.queues.by_priority().filter(condition).select_related("pool")
        return Response(shown_queues(list(rows[body.cut()]), request.now))


class OneQueue(Endpoint):
    """A queue under its pool's name and its own."""

    needs = {
        "GET": "work_pools.view",
        "PATCH": "work_pools.change",
        "DELETE": "work_pools.change",
    }

    @extend_schema(
        operation_id="read_work_queue",
        tags=TAGS,
        responses={200: WorkQueueResponse},
    )
    def get(self, request: Request, work_pool_name: str, name: str) -> Response:
        """The queue."""
        pool = services.find_pool(work_pool_name, actor=request.actor)
        found = services.find_queue(pool, name)
        return Response(shown_queues([found], request.now)[0])

    @extend_schema(
        operation_id="update_work_queue",
        tags=TAGS,
        request=QueueUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, work_pool_name: str, name: str) -> Response:
        """Change what is sent."""
        sent = request.read(QueueUpdate).changes()
        pool = services.find_pool(work_pool_name, actor=request.actor)
        found = services.find_queue(pool, name)
        services.amend_queue(found, sent, actor=request.actor)
        return Response(status=204)

    @extend_schema(operation_id="delete_work_queue", tags=TAGS, responses={204: None})
    def delete(self, request: Request, work_pool_name: str, name: str) -> Response:
        """Forget it; those below move up."""
        pool = services.find_pool(work_pool_name, actor=request.actor)
        services.delete_queue(services.find_queue(pool, name), actor=request.actor)
        return Response(status=204)
