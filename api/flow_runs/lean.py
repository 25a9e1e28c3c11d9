"""The busy addresses of flow runs: create one, propose a state."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.flow_runs import FlowRunResponse, shown_new
from api.base.lean import Answer, Call, LeanEndpoint
from api.base.states import OrchestrationResult, SetStateBody
from api.flow_runs.places import inherited_labels, queue_of
from api.flow_runs.shapes import FlowRunCreate
from runs.orchestration.engine import propose_flow_run
from runs.services import create_flow_run


class FlowRuns(LeanEndpoint):
    """The collection."""

    needs = "runs.create"

    @extend_schema(
        operation_id="create_flow_run",
        tags=["Flow Runs"],
        request=FlowRunCreate,
        responses={200: FlowRunResponse, 201: FlowRunResponse},
    )
    def post(self, call: Call) -> Answer:
        """Make a flow run, or find the one with this idempotency key."""
        body = call.read(FlowRunCreate)
        new = body.new()
        if body.work_pool_name or body.work_queue_name:
            new.work_queue_id, new.work_queue_name = queue_of(body, actor=call.actor)
        new.labels = inherited_labels(body) | body.labels
        run, is_new = create_flow_run(
            new, actor=call.actor, dialect=call.dialect, now=call.now
        )
        return Answer(shown_new(run, call.now), status=201 if is_new else 200)


class SetFlowRunState(LeanEndpoint):
    """The state of a flow run."""

    needs = "runs.set_state"
    missing_key = "exception_message"

    @extend_schema(
        operation_id="set_flow_run_state",
        tags=["Flow Runs"],
        request=SetStateBody,
        responses={200: OrchestrationResult, 201: OrchestrationResult},
    )
    def post(self, call: Call, id: UUID) -> Answer:
        """Propose a state; the answer says what became of it."""
        body = call.read(SetStateBody)
        outcome = propose_flow_run(
            id,
            body.state.proposal(),
            actor=call.actor,
            dialect=call.dialect,
            force=body.force,
            now=call.now,
        )
        status = 201 if outcome.written else 200
        return Answer(OrchestrationResult.of(outcome), status=status)
