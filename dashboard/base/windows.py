"""Keyset windows: a page of rows, and the address of the older ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from core.errors import Invalid

SIZES = (25, 50, 100)
SIZE = 50
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows there are; counting stops at `MOST`."""

    number: int

    def __str__(self) -> str:
        return f"over {MOST:,}" if self.number > MOST else f"{self.number:,}"


def total(found: QuerySet[Any]) -> Total:
    """The size of a set, as far as it is worth counting."""
    return Total(found.order_by()[: MOST + 1].count())


class Window:
    """The rows of a set behind the address' cursor, newest first by `by`."""

    def __init__(self, found: QuerySet[Any], asked: QueryDict, *, by: str) -> None:
        self.asked = asked
        self.by = by
        self.size = size_of(asked)
        ordered = found.order_by(f"-{by}", "-id")
        cursor = asked.get("before", "")
        taken = ordered.filter(self._behind(cursor)) if cursor else ordered
        rows = list(taken[: self.size + 1])
        self.rows = rows[: self.size]
        self.has_older = len(rows) > self.size
        self.is_first = not cursor

    @property
    def older(self) -> str:
        """The query of the next window, empty at the end."""
        if not self.has_older:
            return ""
        last = self.rows[-1]
        moment: datetime = getattr(last, self.by)
        query = self.asked.copy()
        query["before"] = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}~{last.pk}"
        return f"?{query.urlencode()}"

    def _behind(self, cursor: str) -> Q:
        text, _, id = cursor.partition("~")
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
            last = UUID(id)
        except ValueError as error:
            said = (
                f"before={cursor!r} is no place in this list. "
                "Open the list again and go on from its last row."
            )
            raise Invalid(said) from error
        by = self.by
        earlier = Q(**{f"{by}__lt": moment}) | Q(**{by: moment, "id__lt": last})
        return Q(**{f"{by}__lte": moment}) & earlier


def size_of(asked: QueryDict) -> int:
    """How many rows a window has."""
    wanted = asked.get("n", str(SIZE))
    if wanted not in map(str, SIZES):
        raise Invalid(f"n={wanted!r} is no page size; use one of 25, 50 or 100.")
    return int(wanted)
