"""Wire filters as rows, compiled to conditions. Unknown keys are ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.lookups import GreaterThanOrEqual, IsNull, LessThanOrEqual

from core.errors import Invalid
from core.lookups import holds, resembles

Place = tuple[str | int, ...]
Path = Any  # the name of a column, through relations; or an expression
Condition = Callable[[Path, Any], Q]

PATTERN_LENGTH = 5_000  # characters of a pattern; SQLite refuses 50,000
ITEMS = 10_000  # of all lists of one filter; databases bound their parameters

_WANTED = {
    UUID: "a UUID",
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime: "a time like 2026-01-31T12:00:00Z",
}


class Unusable(Invalid):
    """A part of a filter has the wrong type; `place` leads to it."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Operator:
    """One key below a field: what it takes and the condition it means.

    `of` replaces the field's type, for instance bool for `is_null_`.
    """

    key: str
    condition: Condition
    many: bool = False
    of: type | None = None


def _none_of(path: Path, values: list[Any]) -> Q:
    return ~Q(**{f"{path}__in": values}) & Q(**{f"{path}__isnull": False})


def _compare(lookup: str) -> Condition:
    kind = {"lte": LessThanOrEqual, "gte": GreaterThanOrEqual}[lookup]

    def condition(path: Path, value: Any) -> Q:
        if isinstance(path, str):
            return Q(**{f"{path}__{lookup}": value})
        return Q(kind(path, value))

    return condition


def _is_null(path: Path, yes: bool) -> Q:
    if isinstance(path, str):
        return Q(**{f"{path}__isnull": yes})
    return Q(IsNull(path, yes))


def _every(path: Path, values: list[str]) -> Q:
    return reduce(and_, (Q(holds(path, value)) for value in values), Q())


def _some(path: Path, values: list[str]) -> Q:
    return reduce(or_, (Q(holds(path, one)) for one in values), Q(pk__in=[]))


def _starts(path: str, values: list[str]) -> Q:
    return reduce(
        or_, (Q(**{f"{path}__istartswith": one}) for one in values), Q(pk__in=[])
    )


def _no_tags(path: str, yes: bool) -> Q:
    empty = Q(**{path: []})
    return empty if yes else ~empty


ANY = Operator("any_", lambda path, values: Q(**{f"{path}__in": values}), many=True)
NOT_ANY = Operator("not_any_", _none_of, many=True)
IS_NULL = Operator("is_null_", _is_null, of=bool)
EQUAL = Operator("eq_", lambda path, value: Q(**{path: value}))
LIKE = Operator("like_", lambda path, value: Q(resembles(path, value)), of=str)
STARTS_WITH = Operator("startswith_", _starts, many=True)
BEFORE = Operator("before_", _compare("lte"))
AFTER = Operator("after_", _compare("gte"))
AT_LEAST = Operator("ge_", _compare("gte"))
AT_MOST = Operator("le_", _compare("lte"))
SPAN = (BEFORE, AFTER)

# for columns that hold a JSON list of strings
ALL_OF = Operator("all_", _every, many=True)
SOME_OF = Operator("any_", _some, many=True)
IS_EMPTY = Operator("is_null_", _no_tags, of=bool)
TAGS = (ALL_OF, SOME_OF, IS_EMPTY)


class Field:
    """One criterion: a column and the operators that may ask about it."""

    def __init__(
        self,
        path: Path,
        *operators: Operator | tuple[Operator, ...],
        of: type = str,
    ) -> None:
        self.path = path
        self.of = of
        flat = [
            one
            for given in operators
            for one in (given if isinstance(given, tuple) else (given,))
        ]
        self.operators = {one.key: one for one in flat}

    def part(self, key: str, value: Any, place: Place, budget: list[int]) -> Q | None:
        """The condition of one key, or None for keys we do not know."""
        operator = self.operators.get(key)
        if operator is None:
            return None
        kind = operator.of or self.of
        if not operator.many:
            return operator.condition(self.path, read(value, kind, place))
        if not isinstance(value, list):
            raise Unusable(place, f"a list is wanted, found {_found(value)}")
        budget[0] -= len(value)
        if budget[0] < 0:
            raise Unusable(place, f"at most {ITEMS} items are accepted in a filter")
        items = [read(one, kind, (*place, i)) for i, one in enumerate(value)]
        return operator.condition(self.path, items)


class Criteria:
    """Named criteria, and criteria within criteria."""

    def __init__(self, **parts: Field | Criteria) -> None:
        self.parts = parts

    def part(self, key: str, value: Any, place: Place, budget: list[int]) -> Q | None:
        """The condition of one criterion, or None for those we do not know."""
        inner = self.parts.get(key)
        return None if inner is None else _joined(inner, value, place, budget)

    def condition(self, sent: Any, place: Place = ("body",)) -> Q:
        """The whole filter as one condition; no filter is true.

        Raises:
            Unusable: a value has the wrong type.
        """
        return Q() if sent is None else _joined(self, sent, place, [ITEMS])


def _joined(whole: Field | Criteria, sent: Any, place: Place, budget: list[int]) -> Q:
    if not isinstance(sent, Mapping):
        raise Unusable(place, f"an object is wanted, found {_found(sent)}")
    how = sent.get("operator") or "and_"
    if how not in ("and_", "or_"):
        raise Unusable((*place, "operator"), "'and_' or 'or_' is wanted")
    found = [
        whole.part(key, value, (*place, key), budget)
        for key, value in sent.items()
        if value is not None and key != "operator"
    ]
    known = [one for one in found if one is not None]
    if how == "or_" and any(not one for one in known):
        return Q()  # an empty part is true, and so is the whole
    return reduce(or_ if how == "or_" else and_, known, Q())


def read(value: Any, kind: type, place: Place) -> Any:
    """A value of the wire as `kind`.

    Raises:
        Unusable: it is something else.
    """
    try:
        if kind is UUID:
            return UUID(value)
        if kind is datetime:
            return _moment(value)
        if kind is float and type(value) is int:
            return float(value)
        if kind is int and type(value) is int and abs(value) < 2**31:
            return value
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise _wrong(place, kind, value) from None
    if kind is int or type(value) is not kind:
        raise _wrong(place, kind, value)
    if isinstance(value, str) and len(value) > PATTERN_LENGTH:
        raise Unusable(place, f"at most {PATTERN_LENGTH} characters are accepted")
    return value


def _moment(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _wrong(place: Place, kind: type, value: Any) -> Unusable:
    return Unusable(place, f"{_WANTED[kind]} is wanted, found {_found(value)}")


def _found(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
