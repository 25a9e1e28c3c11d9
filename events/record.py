"""The one call with which verbs tell what they did, in their own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from core.actor import Actor
from core.bulk import insert
from core.clock import now as clock_now
from core.ids import uuid7
from core.sql import json_in, time_in, uuid_in
from events.hub import hint, topics_of
from events.models import Event
from events.resources import resource_of

COLUMNS = (  # of every event; of those that no state tells of, a body, too
    "id",
    "workspace_id",
    "occurred",
    "received",
    "event",
    "resource_id",
    "flow_run_id",
)


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
    body = {"resource": resource, "related": [], "payload": payload or {}}
    values = (
        uuid_in(id),
        actor.workspace_id,
        time_in(at),
        time_in(at),
        event,
        resource_id,
        uuid_in(flow_run_id),
        json_in(body),
    )
    insert(Event, (*COLUMNS, "body"), [values])
    topics = topics_of(resource_id, flow_run_id)
    transaction.on_commit(lambda: hint(*topics))
    return id
