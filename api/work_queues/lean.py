"""What classic agents call all the time."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.flow_runs import FlowRunResponse, shown
from api.base.lean import Answer, Call, LeanEndpoint
from api.base.paging import within
from api.work_queues.shapes import PollBody
from api.work_queues.views import find
from work_pools import handout

TAGS = ["Work Queues"]


class QueueRuns(LeanEndpoint):
    """Due runs of a queue."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="read_work_queue_runs",
        tags=TAGS,
        request=PollBody,
        responses={200: list[FlowRunResponse]},
    )
    def post(self, call: Call, id: UUID) -> Answer:
        """Runs that may start, the earliest first; a look from a page is no poll."""
        body = call.read(PollBody)
        wanted = handout.Wanted(limit=within(body.limit), before=body.scheduled_before)
        queue = find(id, call.actor)
        is_poll = call.request.META.get("HTTP_X_PREFECT_UI", "").lower() != "true"
        if is_poll:
            handout.note_poll([queue], call.now)
        runs = handout.of_classic_queue(
            queue, wanted, actor=call.actor, now=call.now, is_poll=is_poll
        )
        for run in runs:
            run.__dict__ |= {"work_pool_id": None, "work_pool_name": None}
            if run.work_queue_id == queue.pk:
                run.__dict__ |= {
                    "work_pool_id": queue.pool_id,
                    "work_pool_name": queue.pool.name,
                }
        return Answer(shown(runs, call.now))
