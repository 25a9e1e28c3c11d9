"""Operations on several flow runs at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import Bulk, Deleted
from api.base.states import OrchestrationResult, StateCreate
from api.base.wire import Wire
from core.errors import DomainError
from runs.models import FlowRun
from runs.orchestration.engine import propose_flow_run
from runs.removal import delete_flow_runs

TAGS = ["Flow Runs"]


class BulkState(Bulk):
    """A state for several runs."""

    state: StateCreate
    force: bool = False


class BulkResult(OrchestrationResult):
    """What became of the proposal for one of them."""

    flow_run_id: UUID


class BulkResults(Wire):
    """What became of all."""

    results: list[BulkResult]


class DeleteFlowRuns(Endpoint):
    """Forgets runs."""

    needs = "runs.delete"

    @extend_schema(
        operation_id="bulk_delete_flow_runs",
        tags=TAGS,
        request=Bulk,
        responses={200: Deleted},
    )
    def post(self, request: Request) -> Response:
        """Forget them with their task runs, inputs and logs."""
        rows = FlowRun.objects.visible_to(request.actor)
        chosen = request.read(Bulk).chosen(rows, "flow_runs", request.actor)
        return Response({"deleted": delete_flow_runs(chosen, actor=request.actor)})


class SetStateOfFlowRuns(Endpoint):
    """Proposes a state for runs."""

    needs = "runs.set_state"

    @extend_schema(
        operation_id="bulk_set_flow_run_state",
        tags=TAGS,
        request=BulkState,
        responses={200: BulkResults},
    )
    def post(self, request: Request) -> Response:
        """One proposal for each; each is decided on its own."""
        body = request.read(BulkState)
        rows = FlowRun.objects.visible_to(request.actor)
        chosen = body.chosen(rows, "flow_runs", request.actor)
        results = [self._propose(id, body, request) for id in chosen]
        return Response({"results": results})

    @staticmethod
    def _propose(id: UUID, body: BulkState, request: Request) -> dict[str, Any]:
        try:
            outcome = propose_flow_run(
                id,
                body.state.proposal(),
                actor=request.actor,
                dialect=request.dialect,
                force=body.force,
                now=request.now,
            )
        except DomainError as error:
            details = {"type": "abort_details", "reason": str(error)}
            refused = {"status": "ABORT", "state": None, "details": details}
            return {"flow_run_id": id, **refused}
        told = OrchestrationResult.of(outcome)
        return {
            "flow_run_id": id,
            "status": told.status,
            "state": told.state,
            "details": told.details,
        }
