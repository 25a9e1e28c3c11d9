"""Reads whose SQL is composed once, for queries that are asked all the time.

Composing costs Django more than the database needs to answer. A queryset is built with
slots where the values belong; `Prepared` keeps its SQL and puts them in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import (
    BooleanField,
    Expression,
    F,
    Field,
    Func,
    Model,
    QuerySet,
)
from django.db.models.sql import Query

M = TypeVar("M", bound=Model)


class Slot(Expression):
    """A value that is not known yet, in a filter of a queryset to prepare."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A place whose parameter is the slot itself."""
        return "%s", [self]


class IdList(Field):  # type: ignore[type-arg] # not at run time
    """Ids as one parameter: an array, or JSON on SQLite."""

    def get_db_prep_value(
        self, value: Any, connection: Any, prepared: bool = False
    ) -> Any:
        """The parameter."""
        if connection.vendor == "postgresql":
            return f"{{{','.join(map(str, value))}}}"
        return orjson.dumps([id.hex for id in value]).decode()


class Among(Func):
    """Whether an id is one of those in a slot, however many they are."""

    output_field = BooleanField()
    joiners = {
        "postgresql": " = ANY(CAST(",
        "sqlite": " IN (SELECT value FROM json_each(",
    }
    templates = {
        "postgresql": "%(expressions)s AS uuid[]))",
        "sqlite": "%(expressions)s))",
    }

    def __init__(self, column: str, name: str) -> None:
        super().__init__(F(column), Slot(name, IdList()))

    def as_sql(  # type: ignore[override] # nobody gives it more
        self, compiler: Any, connection: Any
    ) -> Any:
        """An array, or a table on SQLite."""
        kind = connection.vendor
        return super().as_sql(
            compiler,
            connection,
            template=self.templates[kind],
            arg_joiner=self.joiners[kind],
        )


class NotAmong(Among):
    """Whether an id is none of those in a slot."""

    joiners = {
        "postgresql": " <> ALL(CAST(",
        "sqlite": " NOT IN (SELECT value FROM json_each(",
    }


def slot(model: type[Model], lookup: str) -> Slot:
    """A slot of the same name for what a lookup on a model is compared with."""
    query = Query(model)
    _, path, _ = query.solve_lookup_type(lookup)
    _, _, targets, _ = query.names_to_path(path, model._meta)
    return Slot(lookup, targets[0])


class Prepared(Generic[M]):
    """A queryset of whole rows, executed with other values each time."""

    def __init__(self, queryset: QuerySet[M]) -> None:
        self._queryset = queryset
        self._of_thread = threading.local()

    def __call__(self, values: Mapping[str, Any]) -> list[M]:
        """The rows for these values of the slots."""
        iterable: Any = self._queryset._iterable_class
        try:
            return list(iterable(self._bound(values)))
        except EmptyResultSet:  # nothing can meet such a query, whatever the values
            return []

    def _bound(self, values: Mapping[str, Any]) -> _Bound:
        bound = getattr(self._of_thread, "bound", None)
        if bound is None:  # a thread has its own connection
            bound = self._of_thread.bound = _Bound(self._queryset)
        bound.values = values
        return bound


class Finder(Generic[M]):
    """Whole rows by lookups; each combination of lookups is prepared once."""

    def __init__(self, rows: Callable[[], QuerySet[M]]) -> None:
        self._rows = rows
        self._prepared: dict[tuple[str, ...], Prepared[M]] = {}

    def __call__(self, **known: Any) -> list[M]:
        """The rows for which the lookups hold; their values are no lists."""
        lookups = tuple(known)
        if lookups not in self._prepared:
            rows = self._rows()
            slots = {lookup: slot(rows.model, lookup) for lookup in lookups}
            self._prepared[lookups] = Prepared(rows.filter(**slots))
        return self._prepared[lookups](known)

    def one(self, **known: Any) -> M | None:
        """The row, where there is one at most."""
        return next(iter(self(**known)), None)


class _Bound:
    """What a queryset's iterator asks of the queryset, its query and its compiler."""

    _known_related_objects: Mapping[Any, Any] = {}

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self.db = queryset.db
        self.model = queryset.model
        self.query = self
        self.values: Mapping[str, Any] = {}
        self._connection = connections[self.db]
        self._compiler = queryset.query.clone().get_compiler(self.db)
        self._sql, self._params = self._compiler.as_sql()
        for name in ("select", "klass_info", "annotation_col_map", "results_iter"):
            setattr(self, name, getattr(self._compiler, name))

    def get_compiler(self, using: str) -> _Bound:
        """Itself: the SQL is there."""
        return self

    def execute_sql(self, **options: Any) -> Iterator[list[Any]]:
        """All rows, in one piece."""
        params = [
            self._value(each) if isinstance(each, Slot) else each
            for each in self._params
        ]
        with self._connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            return iter([cursor.fetchall()])

    def _value(self, slot: Slot) -> Any:
        value = self.values[slot.name]
        return slot.output_field.get_db_prep_value(value, self._connection)
