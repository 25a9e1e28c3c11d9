"""What a schedule will do, and what the server does about its runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import Field

from api.base.endpoint import Endpoint, Request, Response
from api.base.wire import JsonObject, Text, Wire
from deployments import previews, schedules, services
from deployments.models import Deployment
from deployments.scheduling.preview import Preview

TAGS = ["Schedules"]


class PreviewBody(Wire):
    """A stored schedule, a draft of one, or a stored one with the draft's changes."""

    schedule_id: UUID | None = None
    draft: JsonObject | None = None
    count: Annotated[int, Field(ge=1, le=100)] = 10


class UpcomingRun(Wire):
    """A run to come."""

    instant: datetime
    local: str  # in the schedule's zone
    interval_start: datetime | None
    step: float | None  # seconds since the run before
    note: str
    clashes: list[str]


class ClosedInstant(Wire):
    """An instant at which nothing runs, because a calendar is closed."""

    instant: datetime
    local: str
    calendar: str


class SchedulePreview(Wire):
    """What is to come."""

    timezone: str
    upcoming: list[UpcomingRun]
    excluded: list[ClosedInstant]

    @classmethod
    def of(cls, found: Preview) -> Self:
        """From the domain's value."""
        upcoming = [
            UpcomingRun(
                instant=one.instant,
                local=one.local.isoformat(),
                interval_start=one.interval_start,
                step=one.step.total_seconds() if one.step is not None else None,
                note=one.note,
                clashes=list(one.clashes),
            )
            for one in found.upcoming
        ]
        excluded = [
            ClosedInstant(
                instant=one.instant, local=one.local.isoformat(), calendar=one.calendar
            )
            for one in found.excluded
        ]
        return cls(timezone=found.zone, upcoming=upcoming, excluded=excluded)


class Care(Wire):
    """What the server does about runs that are lost or take too long."""

    retry_on: Text | None = None  # "crashed", or empty
    retry_limit: int | None = None
    max_run_seconds: float | None = None


class PreviewSchedule(Endpoint):
    """The next runs of a schedule."""

    needs = "deployments.view"

    @extend_schema(
        operation_id="preview_schedule",
        tags=TAGS,
        request=PreviewBody,
        responses={200: SchedulePreview},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Of one that is stored, or of one as it would be; nothing is changed."""
        body = request.read(PreviewBody)
        if body.draft is None and body.schedule_id is not None:
            found = previews.of_schedule(
                id,
                body.schedule_id,
                actor=request.actor,
                now=request.now,
                count=body.count,
            )
        else:
            found = previews.of_draft(
                id,
                body.draft or {},
                schedule_id=body.schedule_id,
                actor=request.actor,
                now=request.now,
                count=body.count,
            )
        return Response(SchedulePreview.of(found))


class RevertSchedule(Endpoint):
    """A schedule that an operator edited."""

    needs = "deployments.change"

    @extend_schema(
        operation_id="revert_schedule", tags=TAGS, request=None, responses={204: None}
    )
    def post(self, request: Request, id: UUID, schedule_id: UUID) -> Response:
        """Let it be again as it was deployed; a hold stays."""
        schedules.revert(id, schedule_id, actor=request.actor, now=request.now)
        return Response(status=204)


class CareOfDeployment(Endpoint):
    """What the server does about a deployment's runs."""

    needs = {"GET": "deployments.view", "PATCH": "deployments.change"}

    @extend_schema(
        operation_id="read_care_of_deployment", tags=TAGS, responses={200: Care}
    )
    def get(self, request: Request, id: UUID) -> Response:
        """As it is set."""
        return Response(_care(services.find(id, actor=request.actor)))

    @extend_schema(
        operation_id="update_care_of_deployment",
        tags=TAGS,
        request=Care,
        responses={200: Care},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change what is sent; no deploy changes it."""
        sent = request.read(Care).sent()
        optional = {"max_run_seconds"}
        wanted = {k: v for k, v in sent.items() if v is not None or k in optional}
        services.configure(id, wanted, actor=request.actor, now=request.now)
        return Response(_care(services.find(id, actor=request.actor)))


def _care(row: Deployment) -> Care:
    return Care(**{name: getattr(row, name) for name in Care.model_fields})
