"""Runs of deployments: asked for by somebody, or due and asked after."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.flow_runs import FlowRunResponse, shown, shown_new, with_pool
from api.base.paging import within
from api.base.work_queues import WorkQueueResponse
from api.deployments.shapes import FlowRunOfDeployment, ScheduledBody
from core.errors import Refused
from deployments import launching, polling, services
from work_pools import handout

TAGS = ["Deployments"]


class RunDeployment(Endpoint):
    """Makes a run."""

    needs = "deployments.run"
    statuses = {Refused: 400}

    @extend_schema(
        operation_id="create_flow_run_from_deployment",
        tags=TAGS,
        request=FlowRunOfDeployment,
        responses={200: FlowRunResponse, 201: FlowRunResponse},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """A run that is due now, unless the body says otherwise."""
        wish = request.read(FlowRunOfDeployment).wish()
        run, is_new = launching.create_run(
            services.find(id, actor=request.actor),
            wish,
            actor=request.actor,
            dialect=request.dialect,
            now=request.now,
        )
        return Response(shown_new(run, request.now), status=201 if is_new else 200)


class ScheduledRuns(Endpoint):
    """Due runs of deployments that are served without a queue."""

    needs = "deployments.view"

    @extend_schema(
        operation_id="get_scheduled_flow_runs_for_deployments",
        tags=TAGS,
        request=ScheduledBody,
        responses={200: list[FlowRunResponse]},
    )
    def post(self, request: Request) -> Response:
        """Those that may start, the earliest first."""
        body = request.read(ScheduledBody)
        wanted = handout.Wanted(limit=within(body.limit), before=body.scheduled_before)
        polling.note(body.deployment_ids, actor=request.actor, now=request.now)
        runs = handout.of_deployments(body.deployment_ids, wanted, actor=request.actor)
        return Response(shown(with_pool(runs)[: wanted.limit], request.now))


class WorkQueueCheck(Endpoint):
    """The queues whose filter selects a deployment's runs."""

    needs = "deployments.view"

    @extend_schema(
        operation_id="work_queue_check_for_deployment",
        tags=TAGS,
        responses={200: list[WorkQueueResponse]},
    )
    def get(self, request: Request, id: UUID) -> Response:
        """Queues of the kind that classic agents poll by tags and deployments."""
        deployment = services.find(id, actor=request.actor)
        queues = polling.selecting(deployment, actor=request.actor)
        return Response([WorkQueueResponse.of(queue, request.now) for queue in queues])
