"""The schedules of a deployment, and planning a window by hand."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import RootModel

from api.base.endpoint import Endpoint, Request, Response
from api.deployments.shapes import (
    DeploymentSchedule,
    PlanBody,
    ScheduleCreate,
    ScheduleUpdate,
)
from core.errors import NotFound
from deployments import schedules, services
from deployments.scheduling.planner import Horizon, plan_window

TAGS = ["Deployments"]
MISSING = "Deployment not found."


class ScheduleList(RootModel[list[ScheduleCreate]]):
    """Schedules to be made."""


class Schedules(Endpoint):
    """All of one deployment."""

    needs = {"GET": "deployments.view", "POST": "deployments.change"}

    @extend_schema(
        operation_id="read_deployment_schedules",
        tags=TAGS,
        responses={200: list[DeploymentSchedule]},
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The one changed last first."""
        deployment = services.find(id, actor=request.actor, missing=MISSING)
        rows = deployment.schedules.order_by("-updated", "-id")
        return Response([DeploymentSchedule.of(row) for row in rows])

    @extend_schema(
        operation_id="create_deployment_schedules",
        tags=TAGS,
        request=ScheduleList,
        responses={201: list[DeploymentSchedule]},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Add schedules."""
        wanted = [row.sent() for row in request.read(ScheduleList).root]
        made = schedules.add(id, wanted, actor=request.actor, now=request.now)
        return Response([DeploymentSchedule.of(row) for row in made], status=201)


class OneSchedule(Endpoint):
    """A schedule under its id."""

    needs = "deployments.change"

    @extend_schema(
        operation_id="update_deployment_schedule",
        tags=TAGS,
        request=ScheduleUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID, schedule_id: UUID) -> Response:
        """Change what is sent."""
        sent = request.read(ScheduleUpdate).sent()
        schedules.amend(id, schedule_id, sent, actor=request.actor, now=request.now)
        return Response(status=204)

    @extend_schema(
        operation_id="delete_deployment_schedule", tags=TAGS, responses={204: None}
    )
    def delete(self, request: Request, id: UUID, schedule_id: UUID) -> Response:
        """Take it away."""
        schedules.remove(id, schedule_id, actor=request.actor, now=request.now)
        return Response(status=204)


class PlanDeployment(Endpoint):
    """Makes the runs of a window, also of the past."""

    needs = "deployments.change"

    @extend_schema(
        operation_id="schedule_deployment",
        tags=TAGS,
        request=PlanBody,
        responses={200: None},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Plan it; of a deployment that is gone nothing."""
        body, usual = request.read(PlanBody), Horizon.usual(request.now)
        start = body.start_time or usual.start
        ahead = (
            usual.min_until - usual.start
            if body.min_time is None
            else timedelta(seconds=body.min_time)
        )
        horizon = Horizon(
            start=start,
            end=body.end_time or start + (usual.end - usual.start),
            min_runs=usual.min_runs if body.min_runs is None else body.min_runs,
            min_until=start + ahead,
            max_runs=body.max_runs or usual.max_runs,
        )
        try:
            deployment = services.find(id, actor=request.actor)
        except NotFound:
            return Response(None)
        plan_window(deployment, horizon, actor=request.actor, now=request.now)
        return Response(None)
