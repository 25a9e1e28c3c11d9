"""Shapes of log lines."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from api.base.paging import Window
from api.base.wire import JsonObject, Moment, Number, Text, Wire


class LogCreate(Wire):
    """A line to be stored.

    Only the document uses this shape: batches are checked by `logs.ingest`, without an
    object per line.
    """

    name: Text
    level: Number
    message: str
    timestamp: Moment
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class Log(Wire):
    """A stored line."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    level: int
    message: str
    timestamp: datetime
    flow_run_id: UUID | None
    task_run_id: UUID | None


class LogPage(Window):
    """Which lines, in which order."""

    logs: JsonObject | None = None
    sort: str | None = None
