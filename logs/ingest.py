"""Writes batches of log lines: checks rows cheaply, inserts them in one go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from core.actor import Actor
from core.clock import now
from core.errors import Invalid
from core.sql import is_sqlite, time_in, write

MESSAGE_LENGTH = 1_000_000  # characters; longer lines are cut
NAME_LENGTH = 1024
CUT = "… [cut: {} of {} characters]"

_INSERT = (
    "INSERT INTO orion_logs_log (name, level, message, timestamp, flow_run_id, "
    "task_run_id, workspace_id, created) VALUES (?, ?, ?, ?, ?, ?, {}, '{}')"
)
_COPY = (
    "COPY orion_logs_log (name, level, message, timestamp, flow_run_id, task_run_id, "
    "workspace_id, created) FROM STDIN"
)

Line = tuple[str, int, str, str, str | None, str | None]


class BadLine(Invalid):
    """A row of a batch is no log line: which, where, and what was wanted."""

    def __init__(self, index: int, field: str | None, message: str) -> None:
        super().__init__(message)
        self.index = index
        self.field = field


def lines(rows: Sequence[Any]) -> list[Line]:
    """The rows of a batch, ready to be stored.

    NUL characters are dropped, long messages and names cut.

    Raises:
        BadLine: a row lacks a field, or a field has the wrong type.
    """
    ids: dict[Any, str | None] = {None: None}
    found: list[Line] = []
    append = found.append
    for index, row in enumerate(rows):
        try:
            name, level, message = row["name"], row["level"], row["message"]
            time = row["timestamp"]
            flow_run, task_run = row.get("flow_run_id"), row.get("task_run_id")
            if flow_run not in ids:
                ids[flow_run] = _id(flow_run)
            if task_run not in ids:
                ids[task_run] = _id(task_run)
            if (
                type(level) is not int
                or not -32768 <= level <= 32767
                or type(message) is not str
                or type(name) is not str
            ):
                raise TypeError
            moment = datetime.fromisoformat(time)
            if moment.tzinfo is not UTC and moment.tzinfo is not None:
                moment = moment.astimezone(UTC)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            raise _told(index, row) from None
        if "\0" in message or len(message) > MESSAGE_LENGTH:
            message = _tidy(message)
        if "\0" in name or len(name) > NAME_LENGTH:
            name = name.replace("\0", "")[:NAME_LENGTH]
        append(
            (
                name,
                level,
                message,
                str(moment.replace(tzinfo=None)),
                ids[flow_run],
                ids[task_run],
            )
        )
    return found


def store(found: Sequence[Line], *, actor: Actor) -> None:
    """Insert the lines in one transaction."""
    if not found:
        return
    with write():
        if is_sqlite():
            _insert(found, actor.workspace_id)
        else:
            _copy(found, actor.workspace_id)


def _insert(found: Sequence[Line], workspace_id: int) -> None:
    sql = _INSERT.format(int(workspace_id), time_in(now()))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        # the driver's own cursor: Django's would rewrite the statement's places
        cursor.cursor.connection.executemany(sql, found)


def _copy(found: Sequence[Line], workspace_id: int) -> None:
    created = f"{now().isoformat()}"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.cursor.copy(_COPY) as copy,
    ):
        for line in found:
            name, level, message, time, *ids = line
            copy.write_row(
                (name, level, message, f"{time}+00", *ids, workspace_id, created)
            )


def _id(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return UUID(value).hex


def _tidy(message: str) -> str:
    message = message.replace("\0", "")
    if len(message) <= MESSAGE_LENGTH:
        return message
    mark = CUT.format(MESSAGE_LENGTH, len(message))
    return message[: MESSAGE_LENGTH - len(mark)] + mark


def _told(index: int, row: Any) -> BadLine:
    """Which field of the row is wrong."""
    if not isinstance(row, dict):
        return BadLine(index, None, f"an object is wanted, found {_kind(row)}")
    for field, wanted, fits in _FIELDS:
        value = row.get(field)
        if value is None and field.endswith("_id"):
            continue
        if value is None and field not in row:
            return BadLine(index, field, f"{wanted} is wanted; the field is missing")
        if not fits(value):
            return BadLine(index, field, f"{wanted} is wanted, found {_kind(value)}")
    return BadLine(index, None, "this is no log line")


def _is_id(value: Any) -> bool:
    try:
        return bool(_id(value))
    except (ValueError, TypeError):
        return False


def _is_time(value: Any) -> bool:
    try:
        moment = datetime.fromisoformat(value)
        return moment.tzinfo is None or bool(moment.astimezone(UTC))
    except (ValueError, TypeError, OverflowError):
        return False


def _is_level(value: Any) -> bool:
    return type(value) is int and -32768 <= value <= 32767


def _is_text(value: Any) -> bool:
    return type(value) is str


def _kind(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


_FIELDS = (
    ("name", "text", _is_text),
    ("level", "a whole number from -32768 to 32767", _is_level),
    ("message", "text", _is_text),
    ("timestamp", "a time like 2026-01-31T12:00:00Z", _is_time),
    ("flow_run_id", "a UUID or null", _is_id),
    ("task_run_id", "a UUID or null", _is_id),
)
