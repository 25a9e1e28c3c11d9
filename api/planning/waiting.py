"""Due runs that wait, and what is in their way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.wire import Wire
from work_pools import reads
from work_pools.models import Waiting

MOST = 200  # runs in the answer


class WaitingRun(Wire):
    """A run, and the stored reason why nobody has been given it."""

    flow_run_id: UUID
    name: str
    due: datetime | None
    kind: str
    sentence: str
    object_kind: str
    object_id: UUID | None
    object_name: str
    since: datetime

    @classmethod
    def of(cls, row: Waiting) -> WaitingRun:
        """From a row with its run."""
        about = ("kind", "sentence", "object_kind", "object_id", "object_name", "since")
        return cls.model_construct(
            flow_run_id=row.flow_run_id,
            name=row.flow_run.name,
            due=row.flow_run.next_scheduled_start_time,
            **{name: getattr(row, name) for name in about},
        )


class Cause(Wire):
    """How many runs wait for one object."""

    kind: str
    object_name: str
    runs: int


class WaitingList(Wire):
    """The runs that have waited longest, and all causes."""

    runs: list[WaitingRun]
    causes: list[Cause]


class WaitingRuns(Endpoint):
    """Due runs that wait."""

    needs = "runs.view"

    @extend_schema(
        operation_id="read_waiting_runs",
        tags=["Flow Runs"],
        responses={200: WaitingList},
    )
    def get(self, request: Request) -> Response:
        """The longest overdue first, at most 200; causes with most runs first."""
        rows = reads.longest_waiting(request.actor, MOST)
        causes = [
            Cause(kind=kind, object_name=name, runs=runs)
            for kind, name, runs in reads.causes(request.actor)
        ]
        return Response(
            WaitingList.model_construct(
                runs=[WaitingRun.of(row) for row in rows], causes=causes
            )
        )
