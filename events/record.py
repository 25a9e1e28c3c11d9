"""The one call with which verbs tell what they did, in their own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from core.actor import Actor
from core.clock import now as clock_now
from core.ids import uuid7
from events.hub import hint, topics_of
from events.models import Event
from events.resources import resource_of


def record(
    event: str,
    *,
    subject: Model,
    actor: Actor,
    payload: dict[str, Any] | None = None,
    now: datetime | None = None,
) -> UUID:
    """Store that something happened to `subject`, and wake whoever watches it.

    Returns the event's id.
    """
    at = now or clock_now()
    resource = resource_of(subject)
    resource_id = resource["prefect.resource.id"]
    flow_run_id = getattr(subject, "flow_run_id", None)
    id = uuid7()
    Event.objects.create(
        id=id,
        workspace_id=actor.workspace_id,
        occurred=at,
        received=at,
        event=event,
        resource_id=resource_id,
        flow_run_id=flow_run_id,
        body={"resource": resource, "related": [], "payload": payload or {}},
    )
    topics = topics_of(resource_id, flow_run_id)
    transaction.on_commit(lambda: hint(*topics))
    return id
