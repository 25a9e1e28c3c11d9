"""Flows: create, read, list."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import Bulk, Deleted, Filters, Page, PageNumber
from api.base.paging import ordering, page_of
from api.flows.criteria import SORTS
from api.flows.shapes import Flow, FlowCreate, FlowPage, FlowUpdate
from core import changes
from core.errors import NotFound
from core.sql import write
from flows import services
from flows.models import Flow as FlowRow
from runs.removal import delete_flow

MISSING = "Flow not found"


class Flows(Endpoint):
    """The collection."""

    needs = "flows.create"

    @extend_schema(
        operation_id="create_flow",
        tags=["Flows"],
        request=FlowCreate,
        responses={200: Flow, 201: Flow},
    )
    def post(self, request: Request) -> Response:
        """Make a flow, or find the one of this name."""
        new = request.read(FlowCreate)
        flow, is_new = services.ensure(
            new.name, tags=new.tags, labels=new.labels, actor=request.actor
        )
        return Response(Flow.of(flow), status=201 if is_new else 200)


class FilterFlows(Endpoint):
    """Lists."""

    needs = "flows.view"

    @extend_schema(
        operation_id="read_flows",
        tags=["Flows"],
        request=Page,
        responses={200: list[Flow]},
    )
    def post(self, request: Request) -> Response:
        """The flows that match, sorted."""
        page = request.read(Page)
        found = FlowRow.objects.visible_to(request.actor).filter(
            page.condition("flows", request.actor)
        )
        rows = found.order_by(*ordering(SORTS, page.sort))[page.cut()]
        return Response([Flow.of(row) for row in rows])


class PaginateFlows(Endpoint):
    """Lists by pages."""

    needs = "flows.view"

    @extend_schema(
        operation_id="paginate_flows",
        tags=["Flows"],
        request=PageNumber,
        responses={200: FlowPage},
    )
    def post(self, request: Request) -> Response:
        """One page of the flows that match, and how many there are."""
        page = request.read(PageNumber)
        found = FlowRow.objects.visible_to(request.actor).filter(
            page.condition("flows", request.actor)
        )
        rows, about = page_of(found.order_by(*ordering(SORTS, page.sort)), page)
        return Response({"results": [Flow.of(row) for row in rows], **about})


class DeleteFlows(Endpoint):
    """Several flows at once."""

    needs = "flows.delete"

    @extend_schema(
        operation_id="bulk_delete_flows",
        tags=["Flows"],
        request=Bulk,
        responses={200: Deleted},
    )
    def post(self, request: Request) -> Response:
        """Forget them with their runs and deployments."""
        rows = FlowRow.objects.visible_to(request.actor)
        chosen = request.read(Bulk).chosen(rows, "flows", request.actor)
        for id in chosen:
            delete_flow(id, actor=request.actor)
        return Response({"deleted": chosen})


class CountFlows(Endpoint):
    """Counts."""

    needs = "flows.view"

    @extend_schema(
        operation_id="count_flows",
        tags=["Flows"],
        request=Filters,
        responses={200: int},
    )
    def post(self, request: Request) -> Response:
        """How many flows match."""
        condition = request.read(Filters).condition("flows", request.actor)
        rows = FlowRow.objects.visible_to(request.actor).filter(condition)
        return Response(rows.count())


class FlowByName(Endpoint):
    """A flow under its name."""

    needs = "flows.view"

    @extend_schema(
        operation_id="read_flow_by_name", tags=["Flows"], responses={200: Flow}
    )
    def get(self, request: Request, name: str) -> Response:
        """The flow of this name."""
        found = FlowRow.objects.visible_to(request.actor).filter(name=name).first()
        if found is None:
            raise NotFound(MISSING)
        return Response(Flow.of(found))


class OneFlow(Endpoint):
    """A flow under its id."""

    needs = {
        "GET": "flows.view",
        "PATCH": "flows.change",
        "DELETE": "flows.delete",
    }

    @extend_schema(operation_id="read_flow", tags=["Flows"], responses={200: Flow})
    def get(self, request: Request, id: UUID) -> Response:
        """The flow."""
        return Response(Flow.of(self.one(FlowRow, id, MISSING)))

    @extend_schema(
        operation_id="update_flow",
        tags=["Flows"],
        request=FlowUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change its tags."""
        sent = request.read(FlowUpdate).sent()
        with write():
            changes.apply(self.one(FlowRow, id, MISSING), sent)
        return Response(status=204)

    @extend_schema(operation_id="delete_flow", tags=["Flows"], responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        """Forget it with its runs and deployments."""
        delete_flow(id, actor=request.actor)
        return Response(status=204)
