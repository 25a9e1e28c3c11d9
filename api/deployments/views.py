"""Deployments: apply, read, list, change, pause, delete."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import Filters, Page
from api.base.paging import ordering
from api.deployments.criteria import SORTS
from api.deployments.shapes import (
    DeploymentCreate,
    DeploymentResponse,
    DeploymentUpdate,
)
from api.deployments.showing import shown
from core.errors import NotFound, Refused
from deployments import services
from deployments.models import Deployment

TAGS = ["Deployments"]


class Deployments(Endpoint):
    """The collection."""

    needs = "deployments.apply"

    @extend_schema(
        operation_id="create_deployment",
        tags=TAGS,
        request=DeploymentCreate,
        responses={200: DeploymentResponse, 201: DeploymentResponse},
    )
    def post(self, request: Request) -> Response:
        """Make a deployment, or bring the one of this name up to date."""
        body = request.read(DeploymentCreate)
        deployment, schedules, is_new = services.apply(
            body.flow_id,
            body.name,
            body.written(request.dialect),
            actor=request.actor,
            dialect=request.dialect,
            now=request.now,
        )
        (answer,) = shown([deployment], request.now, schedules=schedules)
        return Response(answer, status=201 if is_new else 200)


class FilterDeployments(Endpoint):
    """Lists."""

    needs = "deployments.view"

    @extend_schema(
        operation_id="read_deployments",
        tags=TAGS,
        request=Page,
        responses={200: list[DeploymentResponse]},
    )
    def post(self, request: Request) -> Response:
        """The deployments that match, sorted."""
        page = request.read(Page)
        found = Deployment.objects.visible_to(request.actor).with_place()
        found = found.filter(page.condition("deployments", request.actor))
        rows = found.order_by(*ordering(SORTS, page.sort))[page.cut()]
        return Response(shown(rows, request.now))


class CountDeployments(Endpoint):
    """Counts."""

    needs = "deployments.view"

    @extend_schema(
        operation_id="count_deployments",
        tags=TAGS,
        request=Filters,
        responses={200: int},
    )
    def post(self, request: Request) -> Response:
        """How many deployments match."""
        condition = request.read(Filters).condition("deployments", request.actor)
        rows = Deployment.objects.visible_to(request.actor).filter(condition)
        return Response(rows.count())


class DeploymentByName(Endpoint):
    """A deployment under its flow's name and its own."""

    needs = "deployments.view"

    @extend_schema(
        operation_id="read_deployment_by_name",
        tags=TAGS,
        responses={200: DeploymentResponse},
    )
    def get(self, request: Request, flow_name: str, deployment_name: str) -> Response:
        """The deployment of this name."""
        rows = Deployment.objects.visible_to(request.actor).with_place()
        found = rows.filter(flow__name=flow_name, name=deployment_name).first()
        if found is None:
            raise NotFound(services.MISSING)
        (answer,) = shown([found], request.now)
        return Response(answer)


class OneDeployment(Endpoint):
    """A deployment under its id."""

    needs = {
        "GET": "deployments.view",
        "PATCH": "deployments.change",
        "DELETE": "deployments.delete",
    }
    statuses = {Refused: 400}

    @extend_schema(
        operation_id="read_deployment",
        tags=TAGS,
        responses={200: DeploymentResponse},
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The deployment."""
        found = services.find(id, actor=request.actor)
        (answer,) = shown([found], request.now)
        return Response(answer)

    @extend_schema(
        operation_id="update_deployment",
        tags=TAGS,
        request=DeploymentUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change what is sent."""
        changes = request.read(DeploymentUpdate).changes()
        services.amend(id, changes, actor=request.actor, now=request.now)
        return Response(status=204)

    @extend_schema(operation_id="delete_deployment", tags=TAGS, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        """Forget it, with its runs that have not started."""
        services.delete(id, actor=request.actor)
        return Response(status=204)


class PauseDeployment(Endpoint):
    """Stops its schedules."""

    needs = "deployments.change"

    @extend_schema(
        operation_id="pause_deployment", tags=TAGS, request=None, responses={200: None}
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Make no more runs."""
        services.pause(
            id, actor=request.actor, dialect=request.dialect, now=request.now
        )
        return Response(None)


class ResumeDeployment(Endpoint):
    """Starts its schedules again."""

    needs = "deployments.change"

    @extend_schema(
        operation_id="resume_deployment", tags=TAGS, request=None, responses={200: None}
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Make runs again."""
        services.resume(
            id, actor=request.actor, dialect=request.dialect, now=request.now
        )
        return Response(None)
