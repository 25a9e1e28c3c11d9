"""Operations on several deployments, or several runs of one, at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import RootModel

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import Bulk, Deleted, PageNumber
from api.base.paging import Pages, ordering, page_of
from api.base.wire import Wire
from api.deployments.criteria import SORTS
from api.deployments.shapes import DeploymentResponse, FlowRunOfDeployment
from api.deployments.showing import shown
from core.errors import DomainError, NotFound, Refused
from deployments import launching, services
from deployments.models import Deployment

TAGS = ["Deployments"]
MOST = 100  # runs made at once


class DeploymentPage(Pages):
    """A page of deployments."""

    results: list[DeploymentResponse]


class SeveralRuns(RootModel[list[FlowRunOfDeployment]]):
    """Runs to be made."""


class RunMade(Wire):
    """What became of one of them."""

    flow_run_id: UUID | None
    status: str
    error: str | None


class RunsMade(Wire):
    """What became of all."""

    results: list[RunMade]


class PaginateDeployments(Endpoint):
    """Lists by pages."""

    needs = "deployments.view"

    @extend_schema(
        operation_id="paginate_deployments",
        tags=TAGS,
        request=PageNumber,
        responses={200: DeploymentPage},
    )
    def post(self, request: Request) -> Response:
        """One page of the deployments that match, and how many there are."""
        page = request.read(PageNumber)
        found = Deployment.objects.visible_to(request.actor).with_place()
        found = found.filter(page.condition("deployments", request.actor))
        rows, about = page_of(found.order_by(*ordering(SORTS, page.sort)), page)
        return Response({"results": shown(rows, request.now), **about})


class DeleteDeployments(Endpoint):
    """Forgets deployments."""

    needs = "deployments.delete"

    @extend_schema(
        operation_id="bulk_delete_deployments",
        tags=TAGS,
        request=Bulk,
        responses={200: Deleted},
    )
    def post(self, request: Request) -> Response:
        """Forget them, with their runs that have not started."""
        rows = Deployment.objects.visible_to(request.actor)
        gone = []
        for id in request.read(Bulk).chosen(rows, "deployments", request.actor):
            try:
                services.delete(id, actor=request.actor)
            except NotFound:  # somebody else was first
                continue
            gone.append(id)
        return Response({"deleted": gone})


class RunDeploymentOften(Endpoint):
    """Makes several runs."""

    needs = "deployments.run"
    statuses = {Refused: 400}

    @extend_schema(
        operation_id="bulk_create_flow_runs_from_deployment",
        tags=TAGS,
        request=SeveralRuns,
        responses={200: RunsMade},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Each on its own: one that is refused does not keep the others back."""
        wanted = request.read(SeveralRuns).root
        if len(wanted) > MOST:
            raise Refused(f"At most {MOST} runs can be made at once.")
        deployment = services.find(id, actor=request.actor)
        results = [self._make(deployment, one, request) for one in wanted]
        return Response({"results": results})

    @staticmethod
    def _make(
        deployment: Deployment, wanted: FlowRunOfDeployment, request: Request
    ) -> dict[str, Any]:
        try:
            run, _ = launching.create_run(
                deployment,
                wanted.wish(),
                actor=request.actor,
                dialect=request.dialect,
                now=request.now,
            )
        except DomainError as error:
            return {"flow_run_id": None, "status": "FAILED", "error": str(error)}
        return {"flow_run_id": run.pk, "status": "CREATED", "error": None}
