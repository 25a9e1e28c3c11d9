"""Explanations of flow runs and task runs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.why.shapes import Why
from runs.models import FlowRun, TaskRun


class WhyFlowRun(Endpoint):
    """The decisions about a flow run."""

    needs = "runs.view"

    @extend_schema(
        operation_id="explain_flow_run", tags=["Flow Runs"], responses={200: Why}
    )
    def get(self, request: Request, id: UUID) -> Response:
        """What it waits for, its state, and the decisions behind it, newest first."""
        run = self.one(FlowRun, id, "Flow run not found")
        return Response(Why.of(run, request.now))


class WhyTaskRun(Endpoint):
    """The decisions about a task run."""

    needs = "runs.view"

    @extend_schema(
        operation_id="explain_task_run", tags=["Task Runs"], responses={200: Why}
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The run's state and the decisions behind it, newest first."""
        run = self.one(TaskRun, id, "Task run not found")
        return Response(Why.of(run, request.now))
