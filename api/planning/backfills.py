"""Back-fills: the runs of a schedule for a span of the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.flow_runs import CreatedBy
from api.base.wire import INT4, JsonObject, Moment, Text, Wire
from deployments import services
from deployments.models import Backfill as BackfillRow
from deployments.scheduling import backfill as verbs

TAGS = ["Back-fills"]
MISSING = "Back-fill not found."


class BackfillCreate(Wire):
    """What to fill in. With `dry_run` nothing is made."""

    schedule_id: UUID
    start: Moment
    end: Moment
    limit: int = 1
    reprocess: Text = "missing"
    parameters: JsonObject = {}
    dry_run: bool = False

    def span(self) -> verbs.Span:
        """For the service."""
        return verbs.Span(
            schedule_id=self.schedule_id,
            start=self.start,
            end=self.end,
            limit=max(-INT4, min(self.limit, INT4)),
            reprocess=self.reprocess,
            parameters=self.parameters,
        )


class Backfill(Wire):
    """A back-fill, and how many of its runs are in each type of state."""

    id: UUID
    created: datetime
    updated: datetime
    deployment_id: UUID
    schedule_identity: str
    start: datetime
    end: datetime
    limit: int
    reprocess: str
    parameters: JsonObject
    status: str
    made_until: datetime | None
    created_by: CreatedBy | None
    runs: dict[str, int]

    @classmethod
    def of(cls, row: BackfillRow) -> Self:
        """From a row."""
        (only,) = cls.of_each([row])
        return only

    @classmethod
    def of_each(cls, rows: Sequence[BackfillRow]) -> list[Self]:
        """From rows."""
        runs, names = verbs.counts(rows), cls.model_fields.keys() - {"runs"}
        return [
            cls.model_construct(
                **{name: getattr(row, name) for name in names}, runs=runs[row.pk]
            )
            for row in rows
        ]


class DryRun(Wire):
    """What a back-fill would make."""

    instants: int
    runs: int
    first: list[datetime]


class BackfillsOfDeployment(Endpoint):
    """All of one deployment."""

    needs = {"GET": "deployments.view", "POST": "deployments.run"}

    @extend_schema(
        operation_id="read_backfills", tags=TAGS, responses={200: list[Backfill]}
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The newest first, at most 200."""
        deployment = services.find(id, actor=request.actor)
        rows = deployment.backfills.order_by("-created", "-id")[:200]
        return Response(Backfill.of_each(list(rows)))

    @extend_schema(
        operation_id="create_backfill",
        tags=TAGS,
        request=BackfillCreate,
        responses={200: DryRun, 201: Backfill},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Begin; or with `dry_run` say what would be made, with 200."""
        body = request.read(BackfillCreate)
        if body.dry_run:
            found = verbs.dry_run(id, body.span(), actor=request.actor)
            answer = DryRun.model_construct(
                instants=found.instants, runs=found.runs, first=found.first
            )
            return Response(answer)
        row = verbs.start(id, body.span(), actor=request.actor, now=request.now)
        return Response(Backfill.of(row), status=201)


class OneBackfill(Endpoint):
    """A back-fill under its id."""

    needs = "deployments.view"

    @extend_schema(operation_id="read_backfill", tags=TAGS, responses={200: Backfill})
    def get(self, request: Request, id: UUID) -> Response:
        """How far it is."""
        return Response(Backfill.of(self.one(BackfillRow, id, MISSING)))


class _Act(Endpoint):
    """One verb on a back-fill."""

    needs = "deployments.run"
    verb: Any

    def act(self, request: Request, id: UUID) -> Response:
        """Do it; the back-fill as it is then."""
        row = self.verb(id, actor=request.actor, now=request.now)
        return Response(Backfill.of(row))


class PauseBackfill(_Act):
    """Stops it for a while."""

    verb = staticmethod(verbs.pause)

    @extend_schema(
        operation_id="pause_backfill",
        tags=TAGS,
        request=None,
        responses={200: Backfill},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Make no more runs; those that nobody has taken are taken back."""
        return self.act(request, id)


class ResumeBackfill(_Act):
    """Lets it go on."""

    verb = staticmethod(verbs.resume)

    @extend_schema(
        operation_id="resume_backfill",
        tags=TAGS,
        request=None,
        responses={200: Backfill},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Make runs again."""
        return self.act(request, id)


class CancelBackfill(_Act):
    """Ends it."""

    verb = staticmethod(verbs.cancel)

    @extend_schema(
        operation_id="cancel_backfill",
        tags=TAGS,
        request=None,
        responses={200: Backfill},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Make no more, and stop those that have not ended."""
        return self.act(request, id)
