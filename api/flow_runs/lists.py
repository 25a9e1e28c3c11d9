"""Flow runs by pages, over time, and how late they were."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.filters import Filters, PageNumber
from api.base.flow_runs import FlowRunResponse, shown, with_pool
from api.base.history import HistoryBody, HistoryPart, history
from api.base.paging import Pages, ordering, page_of
from api.flow_runs.criteria import SORTS
from runs.buckets import average_lateness
from runs.models import FlowRun

TAGS = ["Flow Runs"]


class FlowRunPage(Pages):
    """A page of flow runs."""

    results: list[FlowRunResponse]


class PaginateFlowRuns(Endpoint):
    """Lists by pages."""

    needs = "runs.view"

    @extend_schema(
        operation_id="paginate_flow_runs",
        tags=TAGS,
        request=PageNumber,
        responses={200: FlowRunPage},
    )
    def post(self, request: Request) -> Response:
        """One page of the flow runs that match, and how many there are."""
        page = request.read(PageNumber)
        found = with_pool(FlowRun.objects.visible_to(request.actor)).filter(
            page.condition("flow_runs", request.actor)
        )
        rows, about = page_of(found.order_by(*ordering(SORTS, page.sort)), page)
        return Response({"results": shown(rows, request.now), **about})


class FlowRunHistory(Endpoint):
    """Counts over time."""

    needs = "runs.view"

    @extend_schema(
        operation_id="flow_run_history",
        tags=TAGS,
        request=HistoryBody,
        responses={200: list[HistoryPart]},
    )
    def post(self, request: Request) -> Response:
        """How many flow runs were expected when, by their present state."""
        body = request.read(HistoryBody)
        rows = FlowRun.objects.visible_to(request.actor).filter(
            body.condition("flow_runs", request.actor)
        )
        return Response(history(rows, body, request.now))


class AverageLateness(Endpoint):
    """How late flow runs started."""

    needs = "runs.view"

    @extend_schema(
        operation_id="average_flow_run_lateness",
        tags=TAGS,
        request=Filters,
        responses={200: float},
    )
    def post(self, request: Request) -> Response:
        """Mean seconds of those that match; null when none does."""
        condition = request.read(Filters).condition("flow_runs", request.actor)
        rows = FlowRun.objects.visible_to(request.actor).filter(condition)
        return Response(average_lateness(rows, now=request.now))
