"""Flows: create, read, list."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import Filters, Page
from api.base.paging import ordering
from api.flows.criteria import SORTS
from api.flows.shapes import Flow, FlowCreate, FlowUpdate
from core import changes
from core.errors import NotFound
from core.sql import write
from flows import services
from flows.models import Flow as FlowRow

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

    needs = {"GET": "flows.view", "PATCH": "flows.change"}

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
