"""Counts of runs over time, by state: what charts and counters read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Func, IntegerField, QuerySet


class Slice(Func):
    """Which slice of `seconds` a time falls in, counted from 1970 in UTC."""

    output_field = IntegerField()

    def __init__(self, expression: Any, seconds: int) -> None:
        super().__init__(expression)
        self.extra["seconds"] = int(seconds)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / %(seconds)s"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / %(seconds)s)::bigint"
        return self.as_sql(compiler, connection, template=template, **extra)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many runs started (or were due) in a slice, in one state."""

    start: datetime
    type: str | None
    name: str | None
    runs: int


def tallies(started: QuerySet[Any], *, slice_seconds: int) -> list[Tally]:
    """Counts per slice and state of a set with `started` (see `by_start`)."""
    rows = (
        started.order_by()
        .annotate(slice=Slice("started", slice_seconds))
        .values_list("slice", "state_type", "state_name")
        .annotate(runs=Count("pk"))
    )
    return [
        Tally(datetime.fromtimestamp(slice * slice_seconds, UTC), type, name, runs)
        for slice, type, name, runs in rows
        if slice is not None
    ]
