"""Due runs of a place: as a query to go on with, and their first page at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from core.prepared import Among, NotAmong, Prepared, slot
from runs.models import FlowRun
from runs.querysets import FlowRunQuerySet
from runs.states import StateType

BY_TIME = ("next_scheduled_start_time", "id")
LIMIT = "deployment__concurrency_limit"
_LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Due:
    """Scheduled runs that meet conditions: lookups with their values.

    What cannot be said so is in `others`.
    """

    conditions: tuple[tuple[str, Any], ...]
    others: Q = field(default_factory=Q)
    left_out: frozenset[UUID] = frozenset()

    def and_(self, **conditions: Any) -> Due:
        """Those of them that meet more conditions."""
        return replace(self, conditions=(*self.conditions, *conditions.items()))

    def among(self, runs: Iterable[UUID]) -> Due:
        """Those of some."""
        return self.and_(id__in=list(runs))

    def without(self, runs: Iterable[UUID]) -> Due:
        """All but some."""
        return replace(self, left_out=self.left_out | frozenset(runs))

    def rows(self) -> FlowRunQuerySet:
        """As a query."""
        found = _scheduled(dict(self.conditions)).filter(self.others)
        return found.exclude(pk__in=self.left_out) if self.left_out else found

    def first(self, most: int) -> list[FlowRun]:
        """The earliest, each with the `limit_id` of its deployment."""
        if self.others:
            return list(_page(self.rows(), most))
        shape = tuple((name, _fixed(value)) for name, value in self.conditions)
        values = {**dict(self.conditions), _LEFT_OUT: self.left_out}
        return _prepared(shape, bool(self.left_out), most)(values)


def _scheduled(conditions: dict[str, Any]) -> FlowRunQuerySet:
    found: FlowRunQuerySet = FlowRun.objects.filter(
        state_type=StateType.SCHEDULED, **conditions
    )
    return found


def _page(rows: FlowRunQuerySet, most: int) -> FlowRunQuerySet:
    return rows.order_by(*BY_TIME).annotate(limit_id=F(f"{LIMIT}_id"))[:most]


Fixed = bool | type[list[Any]] | None  # itself, a list of ids, or one value


def _fixed(value: Any) -> Fixed:
    """What of a condition's value is in the SQL."""
    if isinstance(value, list):
        return list
    return value if isinstance(value, bool) else None


@lru_cache(maxsize=256)
def _prepared(
    shape: tuple[tuple[str, Fixed], ...], leaves_out: bool, most: int
) -> Prepared[FlowRun]:
    rows = _scheduled({})
    for name, fixed in shape:
        if fixed is list:
            rows = rows.filter(Among(name.removesuffix("__in"), name))
        else:
            value = slot(FlowRun, name) if fixed is None else fixed
            rows = rows.filter(**{name: value})
    if leaves_out:
        rows = rows.filter(NotAmong("id", _LEFT_OUT))
    return Prepared(_page(rows, most))
