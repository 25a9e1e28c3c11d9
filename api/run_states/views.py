"""The states that runs were in."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)

from api.base.endpoint import Endpoint, Request, Response
from api.base.states import State
from core.errors import NotFound
from runs.current import value_of
from runs.models import FlowRunState, TaskRunState


def _of_run(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.UUID, "query", required=True)


class History(Endpoint):
    """The states of one run."""

    needs = "runs.view"
    model: ClassVar[Any]
    run: ClassVar[str]

    def get(self, request: Request) -> Response:
        """All states of a run, oldest first."""
        id = request.id_in_query(f"{self.run}_id")
        rows = request.actor.narrow(self.model.objects, f"{self.run}__workspace_id")
        found = rows.filter(**{f"{self.run}_id": id}).select_related("result")
        states = found.order_by("timestamp", "id")
        return Response([State.of(value_of(row)) for row in states])


class OneState(Endpoint):
    """One state."""

    needs = "runs.view"
    model: ClassVar[Any]
    run: ClassVar[str]

    def get(self, request: Request, id: UUID) -> Response:
        """The state."""
        rows = request.actor.narrow(self.model.objects, f"{self.run}__workspace_id")
        found = rows.filter(pk=id).select_related("result").first()
        if found is None:
            raise NotFound(f"{self.run.replace('_', ' ').capitalize()} state not found")
        return Response(State.of(value_of(found)))


@extend_schema_view(
    get=extend_schema(
        operation_id="read_flow_run_states",
        tags=["Flow Run States"],
        parameters=[_of_run("flow_run_id")],
        responses={200: list[State]},
    )
)
class FlowRunStates(History):
    """The states of a flow run."""

    model = FlowRunState
    run = "flow_run"


@extend_schema_view(
    get=extend_schema(
        operation_id="read_flow_run_state",
        tags=["Flow Run States"],
        responses={200: State},
    )
)
class OneFlowRunState(OneState):
    """One state of a flow run."""

    model = FlowRunState
    run = "flow_run"


@extend_schema_view(
    get=extend_schema(
        operation_id="read_task_run_states",
        tags=["Task Run States"],
        parameters=[_of_run("task_run_id")],
        responses={200: list[State]},
    )
)
class TaskRunStates(History):
    """The states of a task run."""

    model = TaskRunState
    run = "task_run"


@extend_schema_view(
    get=extend_schema(
        operation_id="read_task_run_state",
        tags=["Task Run States"],
        responses={200: State},
    )
)
class OneTaskRunState(OneState):
    """One state of a task run."""

    model = TaskRunState
    run = "task_run"
