"""Who holds the slots of a pool."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.work_queues import SlotHolder
from api.work_pools.shapes import PoolSlots, PoolSlotsBody, QueueSlots
from work_pools import occupancy, services

TAGS = ["Work Pools"]


class PoolConcurrency(Endpoint):
    """Slots in use."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_work_pool_concurrency_status",
        tags=TAGS,
        request=PoolSlotsBody,
        responses={200: PoolSlots},
    )
    def post(self, request: Request, name: str) -> Response:
        """Slots in use by queue, with the runs that have held theirs the longest."""
        body = request.read(PoolSlotsBody)
        pool = services.find_pool(name, actor=request.actor)
        used = occupancy.by_queue([pool.pk])
        count = pool.queues.count()
        page = list(pool.queues.by_priority()[body.cut()])
        first = occupancy.first_in_queues(page, body.flow_run_limit)

        def shown(queue: Any) -> QueueSlots:
            busy = used.get(queue.pk, 0)
            runs = first.get(queue.pk, [])
            return QueueSlots.model_construct(
                queue_id=queue.pk,
                queue_name=queue.name,
                active_slots=busy,
                concurrency_limit=queue.concurrency_limit,
                flow_run_count=busy,
                flow_runs=[SlotHolder.of(run, request.now) for run in runs],
            )

        answer = PoolSlots.model_construct(
            active_slots=sum(used.values()),
            concurrency_limit=pool.concurrency_limit,
            queues=[shown(queue) for queue in page],
            count=count,
            limit=body.size(),
            page=body.page,
            pages=body.pages(count),
        )
        return Response(answer)
