"""Lines of one flow run, by number: a line keeps its number under every filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from core.actor import Actor
from core.sql import is_sqlite, time_out, uuid_in, uuid_out

_NUMBERED = (
    "SELECT number, timestamp, level, message, name, task_run_id FROM "
    "(SELECT ROW_NUMBER() OVER (ORDER BY timestamp, id) AS number, timestamp, level, "
    "message, name, task_run_id FROM orion_logs_log "
    "WHERE flow_run_id = %s AND workspace_id = %s) AS line WHERE level >= %s"
)
_CONTAINS = {
    True: " AND message LIKE %s ESCAPE '!'",
    False: " AND message ILIKE %s ESCAPE '!'",
}
_OF_TASK = " AND task_run_id = %s"
_WINDOW = " ORDER BY number LIMIT %s OFFSET %s"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of a run are wanted."""

    flow_run_id: UUID
    level: int = 0
    text: str = ""
    task_run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A line and its place among all lines of its run, from 1."""

    number: int
    timestamp: datetime | None
    level: int
    message: str
    logger: str
    task_run_id: UUID | None


def window(
    wanted: Wanted, *, actor: Actor, start: int, size: int
) -> list[NumberedLine]:
    """`size` lines that match, behind the first `start` of them."""
    sql, values = _query(wanted, actor)
    with connection.cursor() as cursor:
        cursor.execute("".join((sql, _WINDOW)), [*values, size, start])
        rows = cursor.fetchall()
    return [
        NumberedLine(number, time_out(at), level, text, logger, uuid_out(task))
        for number, at, level, text, logger, task in rows
    ]


def count(wanted: Wanted, *, actor: Actor) -> int:
    """How many lines match."""
    sql, values = _query(wanted, actor)
    whole = "".join(("SELECT COUNT(*) FROM (", sql, ") AS found"))
    with connection.cursor() as cursor:
        cursor.execute(whole, values)
        return int(cursor.fetchone()[0])


def _query(wanted: Wanted, actor: Actor) -> tuple[str, list[Any]]:
    sql = _NUMBERED
    values: list[Any] = [
        uuid_in(wanted.flow_run_id),
        actor.workspace_id,
        wanted.level,
    ]
    if wanted.text:
        sql += _CONTAINS[is_sqlite()]
        values.append(f"%{_literal(wanted.text)}%")
    if wanted.task_run_id is not None:
        sql += _OF_TASK
        values.append(uuid_in(wanted.task_run_id))
    return sql, values


def _literal(text: str) -> str:
    """The text as a pattern that means itself."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
