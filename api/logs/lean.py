"""The busy address of logs: store a batch."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from api.base.errors import BadBody
from api.base.lean import Answer, Call, LeanEndpoint
from api.logs.shapes import LogCreate
from logs import ingest


class Logs(LeanEndpoint):
    """The collection."""

    needs = "logs.create"

    @extend_schema(
        operation_id="create_logs",
        tags=["Logs"],
        request=list[LogCreate],
        responses={201: None},
    )
    def post(self, call: Call) -> Answer:
        """Store a batch of lines; overlong ones are cut."""
        rows = call.batch()
        if not isinstance(rows, list):
            detail = {"loc": ["body"], "msg": "a list is wanted", "type": "list_type"}
            raise BadBody([detail])
        try:
            found = ingest.lines(rows)
        except ingest.BadLine as error:
            place = ["body", error.index, *([error.field] if error.field else [])]
            wrong = {"loc": place, "msg": str(error), "type": "log_line"}
            raise BadBody([wrong]) from None
        ingest.store(found, actor=call.actor)
        return Answer(None, status=201)
