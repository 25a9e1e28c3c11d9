"""What people and other runs hand to a flow run."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.paging import within
from api.flow_runs.shapes import FlowRunInput, InputCreate, InputFilter
from runs import services


class Inputs(Endpoint):
    """The inputs of a flow run."""

    needs = "runs.change"

    @extend_schema(
        operation_id="create_flow_run_input",
        tags=["Flow Runs"],
        request=InputCreate,
        responses={201: None},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Store a value under a key that is not taken."""
        new = request.read(InputCreate)
        services.add_input(
            id, new.key, new.value, sender=new.sender, actor=request.actor
        )
        return Response(None, status=201)


class FilterInputs(Endpoint):
    """Lists of inputs."""

    needs = "runs.view"

    @extend_schema(
        operation_id="filter_flow_run_input",
        tags=["Flow Runs"],
        request=InputFilter,
        responses={200: list[FlowRunInput]},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """The inputs whose key begins with a prefix, oldest first."""
        wanted = request.read(InputFilter)
        rows = services.inputs(
            id,
            actor=request.actor,
            prefix=wanted.prefix,
            exclude=frozenset(wanted.exclude_keys),
            limit=within(wanted.limit),
        )
        return Response([FlowRunInput.of(row) for row in rows])


class OneInput(Endpoint):
    """One input of a flow run."""

    needs = {"GET": "runs.view", "DELETE": "runs.change"}

    @extend_schema(
        operation_id="read_flow_run_input",
        tags=["Flow Runs"],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request, id: UUID, key: str) -> HttpResponse:
        """The value, as plain text."""
        found = services.read_input(id, key, actor=request.actor)
        return HttpResponse(found.value, content_type="text/plain; charset=utf-8")

    @extend_schema(
        operation_id="delete_flow_run_input",
        tags=["Flow Runs"],
        responses={204: None},
    )
    def delete(self, request: Request, id: UUID, key: str) -> Response:
        """Forget it."""
        services.delete_input(id, key, actor=request.actor)
        return Response(status=204)
