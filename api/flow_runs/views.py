"""Flow runs: read, change, list, count."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import RootModel

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import Filters, Page
from api.base.flow_runs import FlowRunResponse, Labels, shown, with_pool
from api.base.paging import ordering
from api.base.states import OrchestrationResult
from api.flow_runs.criteria import SORTS
from api.flow_runs.shapes import FlowRunUpdate, ResumeBody
from core.errors import NotFound, Refused
from runs import services
from runs.models import FlowRun
from runs.removal import delete_flow_run
from runs.resume import resume

MISSING = "Flow run not found"


class LabelsUpdate(RootModel[Labels]):
    """Labels to add, or to give new values."""


class FilterFlowRuns(Endpoint):
    """Lists."""

    needs = "runs.view"

    @extend_schema(
        operation_id="read_flow_runs",
        tags=["Flow Runs"],
        request=Page,
        responses={200: list[FlowRunResponse]},
    )
    def post(self, request: Request) -> Response:
        """The flow runs that match, sorted."""
        page = request.read(Page)
        found = with_pool(FlowRun.objects.visible_to(request.actor)).filter(
            page.condition("flow_runs", request.actor)
        )
        rows = found.order_by(*ordering(SORTS, page.sort))[page.cut()]
        return Response(shown(rows, request.now))


class CountFlowRuns(Endpoint):
    """Counts."""

    needs = "runs.view"

    @extend_schema(
        operation_id="count_flow_runs",
        tags=["Flow Runs"],
        request=Filters,
        responses={200: int},
    )
    def post(self, request: Request) -> Response:
        """How many flow runs match."""
        condition = request.read(Filters).condition("flow_runs", request.actor)
        rows = FlowRun.objects.visible_to(request.actor).filter(condition)
        return Response(rows.count())


class OneFlowRun(Endpoint):
    """A flow run."""

    needs = {
        "GET": "runs.view",
        "PATCH": "runs.change",
        "DELETE": "runs.delete",
    }
    statuses = {Refused: 400}

    @extend_schema(
        operation_id="read_flow_run",
        tags=["Flow Runs"],
        responses={200: FlowRunResponse},
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The flow run with its state."""
        rows = with_pool(FlowRun.objects.visible_to(request.actor)).filter(pk=id)
        found = shown(rows, request.now)
        if not found:
            raise NotFound(MISSING)
        return Response(found[0])

    @extend_schema(
        operation_id="update_flow_run",
        tags=["Flow Runs"],
        request=FlowRunUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change what is sent."""
        sent = request.read(FlowRunUpdate).changes()
        services.amend_flow_run(id, sent, actor=request.actor, now=request.now)
        return Response(status=204)

    @extend_schema(
        operation_id="delete_flow_run", tags=["Flow Runs"], responses={204: None}
    )
    def delete(self, request: Request, id: UUID) -> Response:
        """Forget it with its task runs, inputs and logs."""
        delete_flow_run(id, actor=request.actor)
        return Response(status=204)


class ResumeFlowRun(Endpoint):
    """A paused flow run."""

    needs = "runs.set_state"
    missing_key = "exception_message"

    @extend_schema(
        operation_id="resume_flow_run",
        tags=["Flow Runs"],
        request=ResumeBody,
        responses={200: OrchestrationResult, 201: OrchestrationResult},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Let it go on, with what it asked for."""
        outcome = resume(
            id,
            request.read(ResumeBody).run_input,
            actor=request.actor,
            dialect=request.dialect,
            now=request.now,
        )
        status = 201 if outcome.written else 200
        return Response(OrchestrationResult.of(outcome), status=status)


class FlowRunLabels(Endpoint):
    """The labels of a flow run."""

    needs = "runs.change"
    missing_key = "exception_message"

    @extend_schema(
        operation_id="update_flow_run_labels",
        tags=["Flow Runs"],
        request=LabelsUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Merge labels into those of the run."""
        labels = request.read(LabelsUpdate).root
        services.merge_labels(id, labels, actor=request.actor)
        return Response(status=204)
