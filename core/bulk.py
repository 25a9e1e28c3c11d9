"""Many rows in one INSERT; what all of them have in common is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
from typing import Any

import orjson
from django.db import connection
from django.db.models import JSONField, Model

from core.sql import is_sqlite

AT_ONCE = 200  # rows of one INSERT; SQLite takes 32,766 parameters


def insert(
    model: type[Model],
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    after: str = "",
) -> list[Any]:
    """Insert rows; what the statement returns, if `after` says that it does.

    The values are parameters as `core.sql` makes them, JSON is text. `after` is what
    follows the rows, such as `ON CONFLICT DO NOTHING RETURNING id`.
    """
    found: list[Any] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            own = tuple(len(set(values)) > 1 for values in zip(*some, strict=True))
            own = (True, *own[1:])  # one at least
            common = [
                value for value, mine in zip(some[0], own, strict=True) if not mine
            ]
            if is_sqlite():
                sql = _many_places(model, columns, own, after, len(some))
                differing = [value for row in some for value in compress(row, own)]
                cursor.execute(sql, common + differing)
            else:
                sql = _one_document(model, columns, own, after)
                names = list(compress(columns, own))
                records = [
                    dict(zip(names, compress(row, own), strict=True)) for row in some
                ]
                cursor.execute(sql, [*common, orjson.dumps(records).decode()])
            found += cursor.fetchall() if cursor.description else []
    return found


@lru_cache(maxsize=64)
def _many_places(
    model: type[Model],
    columns: tuple[str, ...],
    own: tuple[bool, ...],
    after: str,
    rows: int,
) -> str:
    """A place for each value: SQLite keeps the prepared statement."""
    numbers = iter(range(1, len(columns) + 1))
    chosen = [f"column{next(numbers)}" if mine else "%s" for mine in own]
    row = f"({', '.join(['%s'] * sum(own))})"
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
        f"SELECT {', '.join(chosen)} FROM (VALUES {', '.join([row] * rows)}) AS own "
        f"WHERE true {after}"
    )


@lru_cache(maxsize=64)
def _one_document(
    model: type[Model], columns: tuple[str, ...], own: tuple[bool, ...], after: str
) -> str:
    """All rows as one JSON document: one parameter, whatever their number.

    PostgreSQL reads it faster than psycopg composes hundreds of places.
    """
    types = {column: _type(model, column) for column in columns}
    casts = [
        f"own.{column}::{types[column]}" if mine else f"%s::{types[column]}"
        for column, mine in zip(columns, own, strict=True)
    ]
    record = ", ".join(
        f"{column} {'text' if types[column] == 'jsonb' else types[column]}"
        for column in compress(columns, own)
    )
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
        f"SELECT {', '.join(casts)} FROM json_to_recordset(%s::json) AS own({record}) "
        f"{after}"
    )


def _type(model: type[Model], column: str) -> str:
    """The type a value is sent as; the column's own limits hold when it is stored."""
    field = next(each for each in model._meta.fields if each.column == column)
    if isinstance(field, JSONField):
        return "jsonb"
    kind = str(field.db_type(connection))
    return "text" if kind.startswith("varchar") else kind
