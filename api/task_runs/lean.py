"""The busy addresses of task runs: create one, propose a state."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.lean import Answer, Call, LeanEndpoint
from api.base.states import OrchestrationResult, SetStateBody
from api.task_runs.shapes import TaskRun, TaskRunCreate
from runs.orchestration.engine import propose_task_run
from runs.services import create_task_run


class TaskRuns(LeanEndpoint):
    """The collection."""

    needs = "runs.create"

    @extend_schema(
        operation_id="create_task_run",
        tags=["Task Runs"],
        request=TaskRunCreate,
        responses={200: TaskRun, 201: TaskRun},
    )
    def post(self, call: Call) -> Answer:
        """Make a task run, or find the one with these keys."""
        run, is_new = create_task_run(
            call.read(TaskRunCreate).new(),
            actor=call.actor,
            dialect=call.dialect,
            now=call.now,
        )
        return Answer(TaskRun.of(run, call.now), status=201 if is_new else 200)


class SetTaskRunState(LeanEndpoint):
    """The state of a task run."""

    needs = "runs.set_state"
    missing_key = "exception_message"

    @extend_schema(
        operation_id="set_task_run_state",
        tags=["Task Runs"],
        request=SetStateBody,
        responses={200: OrchestrationResult, 201: OrchestrationResult},
    )
    def post(self, call: Call, id: UUID) -> Answer:
        """Propose a state; the answer says what became of it."""
        body = call.read(SetStateBody)
        outcome = propose_task_run(
            id,
            body.state.proposal(),
            actor=call.actor,
            dialect=call.dialect,
            force=body.force,
            now=call.now,
        )
        status = 201 if outcome.written else 200
        return Answer(OrchestrationResult.of(outcome), status=status)
