"""Holds: deployments and schedules that operators let rest."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import Field

from api.base.endpoint import Endpoint, Request, Response
from api.base.flow_runs import CreatedBy
from api.base.wire import Wire
from deployments import holds, services
from deployments.models import Hold as HoldRow

TAGS = ["Holds"]


class Held(Wire):
    """What to release: the deployment as a whole, or one schedule."""

    schedule_id: UUID | None = None


class ToHold(Held):
    """What to hold, and why."""

    reason: Annotated[str, Field(max_length=5000)] = ""


class Hold(Wire):
    """An operator's word that something rests."""

    id: UUID
    created: datetime
    deployment_id: UUID
    schedule_identity: str | None  # of one schedule; null holds all
    reason: str
    created_by: CreatedBy | None

    @classmethod
    def of(cls, row: HoldRow) -> Self:
        """From a row."""
        return cls.model_construct(
            **{name: getattr(row, name) for name in cls.model_fields}
        )


class Holds(Endpoint):
    """All of one deployment."""

    needs = "deployments.view"

    @extend_schema(operation_id="read_holds", tags=TAGS, responses={200: list[Hold]})
    def get(self, request: Request, id: UUID) -> Response:
        """The oldest first."""
        deployment = services.find(id, actor=request.actor)
        rows = deployment.holds.order_by("created", "id")
        return Response([Hold.of(row) for row in rows])


class HoldDeployment(Endpoint):
    """Lets a deployment or a schedule rest."""

    needs = "deployments.change"

    @extend_schema(
        operation_id="hold_deployment",
        tags=TAGS,
        request=ToHold,
        responses={204: None},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Until it is released, whatever is deployed meanwhile."""
        body = request.read(ToHold)
        holds.hold(
            id,
            schedule_id=body.schedule_id,
            reason=body.reason,
            actor=request.actor,
            now=request.now,
        )
        return Response(status=204)


class ReleaseDeployment(Endpoint):
    """Lets it work again."""

    needs = "deployments.change"

    @extend_schema(
        operation_id="release_deployment",
        tags=TAGS,
        request=Held,
        responses={204: None},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """From now on."""
        body = request.read(Held)
        holds.release(
            id, schedule_id=body.schedule_id, actor=request.actor, now=request.now
        )
        return Response(status=204)
