"""What workers call all the time: asking for runs, and saying that they live."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from api.base.flow_runs import FlowRunResponse
from api.base.lean import Answer, Call, LeanEndpoint
from api.base.paging import within
from api.work_pools.shapes import HandedOut, HeartbeatBody, PollBody
from work_pools import handout, heartbeats, services

TAGS = ["Work Pools"]


class HandOut(LeanEndpoint):
    """Due runs of a pool."""

    needs = "work_pools.view"

    @extend_schema(
        operation_id="get_scheduled_flow_runs",
        tags=TAGS,
        request=PollBody,
        responses={200: list[HandedOut]},
    )
    def post(self, call: Call, name: str) -> Answer:
        """Runs that may start, by priority of their queue; states are left out."""
        body = call.read(PollBody)
        wanted = handout.Wanted(
            limit=within(body.limit),
            before=body.scheduled_before,
            after=body.scheduled_after,
        )
        queues = handout.queues_named(name, body.work_queue_names, actor=call.actor)
        handout.note_poll(queues, call.now)
        found = []
        for run in handout.of_pool(queues, wanted, now=call.now):
            pool = queues[0].pool
            run.state = None
            run.__dict__ |= {"work_pool_id": pool.pk, "work_pool_name": pool.name}
            found.append(
                HandedOut.model_construct(
                    work_pool_id=pool.pk,
                    work_queue_id=run.work_queue_id,
                    flow_run=FlowRunResponse.of(run, call.now),
                )
            )
        return Answer(found)


class WorkerHeartbeat(LeanEndpoint):
    """A sign of life."""

    needs = "work_pools.work"

    @extend_schema(
        operation_id="worker_heartbeat",
        tags=TAGS,
        request=HeartbeatBody,
        responses={204: None},
    )
    def post(self, call: Call, work_pool_name: str) -> Answer:
        """Note that a worker lives; a new one is added."""
        body = call.read(HeartbeatBody)
        heartbeats.worker_beats(
            services.find_pool(work_pool_name, actor=call.actor),
            body.name,
            interval=body.heartbeat_interval_seconds,
            now=call.now,
        )
        return Answer(status=204)
