"""Pages of log lines."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.paging import ordering
from api.logs.criteria import CRITERIA, SORTS
from api.logs.shapes import Log, LogPage
from logs.models import Log as LogRow
from logs.models import wire_id

_COLUMNS = tuple(name for name in Log.model_fields if name != "updated")


class FilterLogs(Endpoint):
    """Lists."""

    needs = "logs.view"

    @extend_schema(
        operation_id="read_logs",
        tags=["Logs"],
        request=LogPage,
        responses={200: list[Log]},
    )
    def post(self, request: Request) -> Response:
        """The lines that match, by time."""
        page = request.read(LogPage)
        condition = CRITERIA.condition(page.logs, ("body", "logs"))
        found = request.actor.narrow(LogRow.objects).filter(condition)
        rows = found.order_by(*ordering(SORTS, page.sort)).values(*_COLUMNS)
        return Response(
            [
                {**row, "id": wire_id(row["id"]), "updated": row["created"]}
                for row in rows[page.cut()]
            ]
        )
