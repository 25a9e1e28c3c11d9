"""A past from files, straight into the tables: for measuring on a server with history.

The folder holds one file per table, a JSON object per line, with the field names of the
API. Rows of one file are written in batches; nothing is checked but what the database
itself checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import Error, connection, models

from core.actor import DEFAULT_WORKSPACE
from core.sql import is_sqlite, write
from deployments.models import Deployment
from flows.models import Flow
from logs.models import Log
from runs.models import FlowRun, FlowRunState, TaskRun, TaskRunState

BATCH = 5000  # rows of one transaction

Convert = Callable[[Any], Any]


class Unseedable(Exception):
    """The folder, a line of it, or the database is not as it has to be."""


@dataclass(frozen=True, slots=True)
class Table:
    """One file and where its rows go."""

    file: str
    model: type[models.Model]
    renamed: Mapping[str, str]  # field of the file -> column
    dropped: frozenset[str] = frozenset()


# parents before children
TABLES = (
    Table("flow", Flow, {}),
    Table("deployment", Deployment, {}),
    Table("flow_run", FlowRun, {}),
    Table("flow_run_state", FlowRunState, {"state_details": "details"}),
    Table("task_run", TaskRun, {}),
    Table("task_run_state", TaskRunState, {"state_details": "details"}),
    Table("log", Log, {}, frozenset({"id"})),
)


def seed(folder: Path) -> dict[str, int]:
    """Write every file of the folder; rows by file.

    Raises:
        Unseedable: a file is missing, a line is no row, or rows are there already.
    """
    missing = [one.file for one in TABLES if not _path(folder, one).is_file()]
    if missing:
        raise Unseedable(
            f"{folder} lacks {', '.join(f'{name}.ndjson' for name in missing)}: a "
            "folder written by `python -m bench dataset` is wanted."
        )
    written = {table.file: _fill(folder, table) for table in TABLES}
    _settle()
    return written


def _path(folder: Path, table: Table) -> Path:
    return folder / f"{table.file}.ndjson"


def _fill(folder: Path, table: Table) -> int:
    path, count, columns = _path(folder, table), 0, None
    with path.open("rb") as lines:
        while batch := list(islice(lines, BATCH)):
            rows = list(_rows(path, batch, count))
            columns = columns or _Columns(table, rows[0])
            try:
                _insert(columns, rows)
            except (Error, KeyError, ValueError, TypeError) as error:
                text = str(error).partition("\n")[0]
                raise Unseedable(
                    f"{path.name}, lines {count + 1} to {count + len(rows)}: {text}. "
                    "Does the database hold these rows already? `manage.py reset_db` "
                    "empties it."
                ) from error
            count += len(rows)
    return count


def _rows(path: Path, lines: list[bytes], before: int) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, before + 1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise Unseedable(f"{path.name}, line {number}: {error}") from None
        if not isinstance(row, dict):
            raise Unseedable(f"{path.name}, line {number}: an object is wanted")
        yield row


class _Columns:
    """The columns a file fills, how each value is written, and what the rest is."""

    def __init__(self, table: Table, first: Mapping[str, Any]) -> None:
        self.table = table.model._meta.db_table
        fields = {
            field.column: field
            for field in table.model._meta.concrete_fields
            if not isinstance(field, models.AutoField | models.BigAutoField)
        }
        self.given = [
            (key, column, _convert(fields[column]))
            for key, column in self._pairs(table, first)
            if column in fields
        ]
        taken = {column for _, column, _ in self.given}
        fresh = table.model()
        self.fixed = [
            (column, _convert(field)(_usual(field, fresh)))
            for column, field in fields.items()
            if column not in taken
        ]
        self.names: list[Any] = [column for _, column, _ in self.given]
        self.names += [column for column, _ in self.fixed]

    @staticmethod
    def _pairs(table: Table, first: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for key in first:
            if key not in table.dropped:
                yield key, table.renamed.get(key, key)

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        """A row's values, in the order of `names`."""
        own = [convert(row[key]) for key, _, convert in self.given]
        return own + [value for _, value in self.fixed]


def _usual(field: Any, fresh: models.Model) -> Any:
    """What a column holds of which the files say nothing."""
    if field.column == "workspace_id":
        return DEFAULT_WORKSPACE
    value = getattr(fresh, field.attname)
    return str(value) if isinstance(value, UUID) else value


def _convert(field: Any) -> Convert:
    """How a value of a file becomes a parameter."""
    kind = field.target_field if field.is_relation else field
    if isinstance(kind, models.JSONField):
        return _json
    if not is_sqlite():
        return _plain
    if isinstance(kind, models.UUIDField):
        return _hex
    if isinstance(kind, models.DateTimeField):
        return _naive
    return _plain


def _plain(value: Any) -> Any:
    return value


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _hex(value: str | None) -> str | None:
    return None if value is None else value.replace("-", "")


def _naive(value: Any) -> str | None:
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def _insert(columns: _Columns, rows: list[dict[str, Any]]) -> None:
    names = ", ".join(columns.names)
    with write(), connection.cursor() as cursor:
        if is_sqlite():
            places = ", ".join(["%s"] * len(columns.names))
            sql = f"INSERT INTO {columns.table} ({names}) VALUES ({places})"  # noqa: S608 - of our models
            cursor.executemany(sql, [columns.values(row) for row in rows])
            return
        sql = f"COPY {columns.table} ({names}) FROM STDIN"
        driver: Any = cursor.cursor
        with connection.wrap_database_errors, driver.copy(sql) as copy:
            for row in rows:
                copy.write_row(columns.values(row))


def _settle() -> None:
    """Let the database know what it holds now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
