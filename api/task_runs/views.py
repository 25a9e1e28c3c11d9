"""Task runs: read, rename, list, count."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import Filters, Page
from api.base.paging import ordering
from api.task_runs.criteria import SORTS
from api.task_runs.shapes import TaskRun, TaskRunUpdate, shown
from core.errors import NotFound
from runs import services
from runs.models import TaskRun as TaskRunRow
from runs.removal import delete_task_run


class FilterTaskRuns(Endpoint):
    """Lists."""

    needs = "runs.view"

    @extend_schema(
        operation_id="read_task_runs",
        tags=["Task Runs"],
        request=Page,
        responses={200: list[TaskRun]},
    )
    def post(self, request: Request) -> Response:
        """The task runs that match, sorted."""
        page = request.read(Page)
        found = TaskRunRow.objects.visible_to(request.actor).filter(
            page.condition("task_runs", request.actor)
        )
        rows = found.order_by(*ordering(SORTS, page.sort))[page.cut()]
        return Response(shown(rows, request.now))


class CountTaskRuns(Endpoint):
    """Counts."""

    needs = "runs.view"

    @extend_schema(
        operation_id="count_task_runs",
        tags=["Task Runs"],
        request=Filters,
        responses={200: int},
    )
    def post(self, request: Request) -> Response:
        """How many task runs match."""
        condition = request.read(Filters).condition("task_runs", request.actor)
        rows = TaskRunRow.objects.visible_to(request.actor).filter(condition)
        return Response(rows.count())


class OneTaskRun(Endpoint):
    """A task run."""

    needs = {
        "GET": "runs.view",
        "PATCH": "runs.change",
        "DELETE": "runs.delete",
    }

    @extend_schema(
        operation_id="read_task_run", tags=["Task Runs"], responses={200: TaskRun}
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The task run with its state."""
        rows = TaskRunRow.objects.visible_to(request.actor).filter(pk=id)
        found = shown(rows, request.now)
        if not found:
            raise NotFound("Task not found")
        return Response(found[0])

    @extend_schema(
        operation_id="update_task_run",
        tags=["Task Runs"],
        request=TaskRunUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Rename it."""
        sent = request.read(TaskRunUpdate).sent()
        services.amend_task_run(id, sent, actor=request.actor)
        return Response(status=204)

    @extend_schema(
        operation_id="delete_task_run", tags=["Task Runs"], responses={204: None}
    )
    def delete(self, request: Request, id: UUID) -> Response:
        """Forget it."""
        delete_task_run(id, actor=request.actor)
        return Response(status=204)
