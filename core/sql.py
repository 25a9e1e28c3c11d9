"""The database's two dialects: write turns, parameters and columns of raw SQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db import OperationalError, connection, transaction

from core.conf import conf

_turn = threading.Lock()
_role = threading.local()


def be_patient(seconds: float) -> None:
    """How long this thread's connections wait for SQLite's write lock, from now on."""
    _role.wait = seconds
    if connection.connection is not None and is_sqlite():
        connection.cursor().execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def patience() -> float:
    """Seconds this thread waits for SQLite's write lock."""
    return getattr(_role, "wait", conf.sqlite_loop_wait)


@cache
def is_sqlite() -> bool:
    """Whether the default database is SQLite."""
    return connection.vendor == "sqlite"


@contextmanager
def write() -> Iterator[None]:
    """One short write transaction.

    SQLite has one writer at a time. Threads of this process queue here, first come
    first served, instead of polling the file lock; other processes meet at the file.
    """
    if connection.in_atomic_block or not is_sqlite():
        with transaction.atomic():
            yield
        return
    if not _turn.acquire(timeout=patience()):
        raise OperationalError("database is locked: no write turn in time")
    try:
        with transaction.atomic():
            yield
    finally:
        _turn.release()


def uuid_in(value: UUID | None) -> Any:
    """A UUID as a parameter."""
    return value.hex if value is not None and is_sqlite() else value


def time_in(value: datetime | None) -> Any:
    """An aware datetime as a parameter."""
    if value is None or not is_sqlite():
        return value
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return str(value.replace(tzinfo=None))


def json_in(value: Any) -> str:
    """A JSON value as a parameter (cast it with `::jsonb` on PostgreSQL)."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def uuid_out(value: Any) -> UUID | None:
    """A UUID column."""
    return UUID(value) if isinstance(value, str) else value


def time_out(value: Any) -> datetime | None:
    """A datetime column, aware."""
    if value is None:
        return None
    moment: datetime = (
        datetime.fromisoformat(value) if isinstance(value, str) else value
    )
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def json_out(value: Any) -> Any:
    """A JSON column."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value
