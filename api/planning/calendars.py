"""Blackout calendars: times at which schedules do not fire."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from drf_spectacular.utils import extend_schema

from api.base.endpoint import Endpoint, Request, Response
from api.base.wire import JsonObject, Text, Wire
from deployments import blackouts
from deployments.models import Calendar as CalendarRow

TAGS = ["Calendars"]
MISSING = "Calendar not found."
MOST = 1000  # in the list


class CalendarUpdate(Wire):
    """What can change; only what is sent does."""

    description: Text | None = None
    zone: Text | None = None
    closed: list[JsonObject] | None = None  # {"start", "end"}: dates or times
    weekdays: list[int] | None = None  # ISO numbers, 1 is Monday


class CalendarCreate(CalendarUpdate):
    """A calendar to be made."""

    name: Text


class Calendar(Wire):
    """A blackout calendar."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    description: str
    zone: str
    closed: list[JsonObject]
    weekdays: list[int]

    @classmethod
    def of(cls, row: CalendarRow) -> Self:
        """From a row."""
        return cls.model_construct(
            **{name: getattr(row, name) for name in cls.model_fields}
        )


class Calendars(Endpoint):
    """The collection."""

    needs = {"GET": "deployments.view", "POST": "deployments.change"}

    @extend_schema(
        operation_id="read_calendars", tags=TAGS, responses={200: list[Calendar]}
    )
    def get(self, request: Request) -> Response:
        """All, by name."""
        rows = CalendarRow.objects.visible_to(request.actor).order_by("name")[:MOST]
        return Response([Calendar.of(row) for row in rows])

    @extend_schema(
        operation_id="create_calendar",
        tags=TAGS,
        request=CalendarCreate,
        responses={201: Calendar},
    )
    def post(self, request: Request) -> Response:
        """Make one; 409 when the name is taken."""
        sent = request.read(CalendarCreate).sent()
        row = blackouts.create(sent, actor=request.actor)
        return Response(Calendar.of(row), status=201)


class OneCalendar(Endpoint):
    """A calendar under its id."""

    needs = {
        "GET": "deployments.view",
        "PATCH": "deployments.change",
        "DELETE": "deployments.change",
    }

    @extend_schema(operation_id="read_calendar", tags=TAGS, responses={200: Calendar})
    def get(self, request: Request, id: UUID) -> Response:
        """The calendar."""
        return Response(Calendar.of(self.one(CalendarRow, id, MISSING)))

    @extend_schema(
        operation_id="update_calendar",
        tags=TAGS,
        request=CalendarUpdate,
        responses={204: None},
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change what is sent; the schedules that keep to it are planned anew."""
        sent = request.read(CalendarUpdate).sent()
        blackouts.amend(id, sent, actor=request.actor, now=request.now)
        return Response(status=204)

    @extend_schema(operation_id="delete_calendar", tags=TAGS, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        """Forget it; 409 while a schedule keeps to it."""
        blackouts.delete(id, actor=request.actor)
        return Response(status=204)
