"""Work queues under their own address, as classic agents know them."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.joins import RESOURCES
from api.base.work_queues import (
    QueueCreate,
    QueuesBody,
    QueueUpdate,
    SlotHolder,
    SlotsBody,
    WorkQueueResponse,
    shown_queues,
)
from api.work_queues.shapes import HealthPolicy, QueueSlots, WorkQueueStatus
from core.actor import Actor
from core.errors import NotFound
from core.prepared import Finder
from work_pools import handout, health, occupancy, services
from work_pools.models import WorkQueue
from work_pools.querysets import WorkQueueQuerySet

TAGS = ["Work Queues"]
MISSING = "work queue not found"
POLICY = HealthPolicy(
    maximum_late_runs=0,
    maximum_seconds_since_last_polled=int(health.POLLED_WITHIN.total_seconds()),
)


_with_pool: Finder[WorkQueue] = Finder(lambda: WorkQueue.objects.select_related("pool"))


def find(id: UUID, actor: Actor) -> WorkQueue:
    """The queue, with its pool.

    Raises:
        NotFound: there is none.
    """
    queue = _with_pool.one(pk=id, **actor.bounds(WorkQueueQuerySet.workspace_path))
    if queue is None:
        raise NotFound(MISSING)
    return queue


class WorkQueues(Endpoint):
    """The collection: the queues of the pool that agents poll by name."""

    needs = "work_pools.change"

    @extend_schema(
        operation_id="create_work_queue",
        tags=TAGS,
        request=QueueCreate,
        responses={201: WorkQueueResponse},
    )
    def post(self, request: Request) -> Response:
        """Add a queue."""
        new = request.read(QueueCreate)
        pool = services.default_pool(actor=request.actor)
        queue = services.create_queue(
            pool, new.name, new.columns(), actor=request.actor
        )
        return Response(WorkQueueResponse.of(queue, request.now), status=201)


class FilterWorkQueues(Endpoint):
    """Lists."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_work_queues",
        tags=TAGS,
        request=QueuesBody,
        responses={200: list[WorkQueueResponse]},
    )
    def post(self, request: Request) -> Response:
        """The queues of all pools that match, by name."""
        body = request.read(QueuesBody)
        criteria = RESOURCES["work_pool_queues"].criteria
        rows = WorkQueue.objects.visible_to(request.actor).select_related("pool")
        found = rows.filter(
            criteria.condition(body.work_queues, ("body", "work_queues"))
        )
        page = found.order_by("name", "id")[body.cut()]
        return Response(shown_queues(list(page), request.now))


class WorkQueueByName(Endpoint):
    """A queue that agents poll by name."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_work_queue_by_name",
        tags=TAGS,
        responses={200: WorkQueueResponse},
    )
    def get(self, request: Request, name: str) -> Response:
        """The queue of this name."""
        rows = WorkQueue.objects.visible_to(request.actor).select_related("pool")
        queue = rows.filter(pool__name=services.DEFAULT_POOL, name=name).first()
        if queue is None:
            raise NotFound(MISSING)
        return Response(shown_queues([queue], request.now)[0])


class OneWorkQueue(Endpoint):
    """A queue under its id."""

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
    def get(self, request: Request, id: UUID) -> Response:
        """The queue."""
        queue = find(id, request.actor)
        return Response(shown_queues([queue], request.now)[0])

    @extend_schema(
        operation_id="update_work_queue",
        tags=TAGS,
        request=QueueUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change what is sent."""
        sent = request.read(QueueUpdate).changes()
        services.amend_queue(find(id, request.actor), sent, actor=request.actor)
        return Response(status=204)

    @extend_schema(operation_id="delete_work_queue", tags=TAGS, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        """Forget it."""
        services.delete_queue(find(id, request.actor), actor=request.actor)
        return Response(status=204)


class StatusOfWorkQueue(Endpoint):
    """Whether a queue's runs are taken in time."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_work_queue_status",
        tags=TAGS,
        responses={200: WorkQueueStatus},
    )
    def get(self, request: Request, id: UUID) -> Response:
        """Late runs and the last poll."""
        queue = find(id, request.actor)
        late = handout.late_runs(queue, actor=request.actor)
        is_healthy = not late and health.is_polled(queue.last_polled, request.now)
        answer = WorkQueueStatus(
            healthy=is_healthy,
            late_runs_count=late,
            last_polled=queue.last_polled,
            health_check_policy=POLICY,
        )
        return Response(answer)


class QueueConcurrency(Endpoint):
    """Slots in use."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_work_queue_concurrency_status",
        tags=TAGS,
        request=SlotsBody,
        responses={200: QueueSlots},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Slots in use, with the runs that hold them, the longest first."""
        body = request.read(SlotsBody)
        queue = find(id, request.actor)
        runs = occupancy.in_classic_queue(queue)
        count = runs.count()
        answer = QueueSlots.model_construct(
            active_slots=count,
            concurrency_limit=queue.concurrency_limit,
            flow_runs=[SlotHolder.of(run, request.now) for run in runs[body.cut()]],
            count=count,
            limit=body.size(),
            page=body.page,
            pages=body.pages(count),
        )
        return Response(answer)
