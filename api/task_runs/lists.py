"""Task runs by pages and over time."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import PageNumber
from api.base.history import HistoryBody, HistoryPart, history
from api.base.paging import Pages, ordering, page_of
from api.task_runs.criteria import SORTS
from api.task_runs.shapes import TaskRun, shown
from runs.models import TaskRun as TaskRunRow


class TaskRunPage(Pages):
    """A page of task runs."""

    results: list[TaskRun]


class PaginateTaskRuns(Endpoint):
    """Lists by pages."""

    needs = "runs.view"

    @extend_schema(
        operation_id="paginate_task_runs",
        tags=["Task Runs"],
        request=PageNumber,
        responses={200: TaskRunPage},
    )
    def post(self, request: Request) -> Response:
        """One page of the task runs that match, and how many there are."""
        page = request.read(PageNumber)
        found = TaskRunRow.objects.visible_to(request.actor).filter(
            page.condition("task_runs", request.actor)
        )
        rows, about = page_of(found.order_by(*ordering(SORTS, page.sort)), page)
        return Response({"results": shown(rows, request.now), **about})


class TaskRunHistory(Endpoint):
    """Counts over time."""

    needs = "runs.view"

    @extend_schema(
        operation_id="task_run_history",
        tags=["Task Runs"],
        request=HistoryBody,
        responses={200: list[HistoryPart]},
    )
    def post(self, request: Request) -> Response:
        """How many task runs were expected when, by their present state."""
        body = request.read(HistoryBody)
        rows = TaskRunRow.objects.visible_to(request.actor).filter(
            body.condition("task_runs", request.actor)
        )
        return Response(history(rows, body, request.now))
