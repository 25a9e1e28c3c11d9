"""Verbs on flows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from core.actor import Actor
from core.clock import now
from core.ids import uuid7
from core.sql import is_sqlite, json_in, json_out, time_in, uuid_in, write
from flows.models import Flow

_INSERT = (
    "INSERT INTO orion_flows_flow (id, created, updated, workspace_id, name, tags, "
    "labels) VALUES (%s, %s, %s, %s, %s, {json}, {json}) ON CONFLICT DO NOTHING"
)


def ensure(
    name: str, *, tags: list[str], labels: dict[str, Any], actor: Actor
) -> tuple[Flow, bool]:
    """The flow of this name, and whether this call made it.

    One that exists stays as it is.
    """
    rows = Flow.objects.visible_to(actor).filter(name=name)
    flow = rows.first()
    if flow is not None:
        return flow, False
    with write():
        is_new = _insert(name, tags, labels, actor)
    return rows.get(), is_new


def _insert(name: str, tags: list[str], labels: dict[str, Any], actor: Actor) -> bool:
    at = time_in(now())
    sql = _INSERT.format(json="%s" if is_sqlite() else "%s::jsonb")
    values = [uuid_in(uuid7()), at, at, actor.workspace_id, name]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, json_in(tags), json_in(labels)])
        return bool(cursor.rowcount == 1)


def labels_of(id: UUID) -> dict[str, Any]:
    """The labels that a flow hands down to its runs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT labels FROM orion_flows_flow WHERE id = %s", [uuid_in(id)]
        )
        row = cursor.fetchone()
    labels: dict[str, Any] = json_out(row[0]) if row else {}
    return labels
