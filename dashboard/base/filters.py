"""The vocabulary that list filters share: windows of time, repeated values, chips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django_filters import Filter

from core.errors import Invalid

WINDOWS: Mapping[str, tuple[str, timedelta | None]] = {
    "15m": ("Last 15 minutes", timedelta(minutes=15)),
    "1h": ("Last hour", timedelta(hours=1)),
    "6h": ("Last 6 hours", timedelta(hours=6)),
    "24h": ("Last 24 hours", timedelta(hours=24)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
    "all": ("Any time", None),
}
DEFAULT_WINDOW = "24h"


class ManyField(forms.Field):
    """A parameter that may be repeated; the values are alternatives."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        """The values that say something."""
        return [text.strip() for text in value or [] if text.strip()]


class Many(Filter):  # type: ignore[misc]
    """Hands the repeated values to its method."""

    field_class = ManyField


@dataclass(frozen=True, slots=True)
class Period:
    """The stretch of time that a list shows; without a start it shows everything."""

    key: str
    title: str
    start: datetime | None
    end: datetime | None

    @property
    def is_default(self) -> bool:
        """Whether nobody chose it."""
        return self.key == DEFAULT_WINDOW


def period(asked: QueryDict, now: datetime) -> Period:
    """What `since`, or `from` and `to`, ask for."""
    if asked.get("from") or asked.get("to"):
        start, end = _moment(asked, "from"), _moment(asked, "to")
        if start and end and start >= end:
            raise Invalid("from must be before to; exchange the two.")
        return Period("fixed", "Chosen times", start, end)
    key = asked.get("since") or DEFAULT_WINDOW
    if key not in WINDOWS:
        offered = ", ".join(WINDOWS)
        raise Invalid(f"since={key!r} is no window; use one of {offered}.")
    title, length = WINDOWS[key]
    return Period(key, title, now - length if length else None, None)


def _moment(asked: QueryDict, name: str) -> datetime | None:
    text = asked.get(name, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        said = f"{name}={text!r} is no time; write it like 2026-11-21T03:00:00Z."
        raise Invalid(said) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def named(text: str, *, column: str = "name") -> Q:
    """Name contains, id equals, or id begins with eight or more digits."""
    found = Q(**{f"{column}__icontains": text})
    digits = text.replace("-", "").lower()
    if 8 <= len(digits) <= 32 and not set(digits) - set("0123456789abcdef"):
        low, high = digits.ljust(32, "0"), digits.ljust(32, "f")
        found |= Q(id__gte=UUID(low), id__lte=UUID(high))
    return found


def one_of(path: str, values: Sequence[str]) -> Q:
    """The related object has one of the ids or exact names."""
    ids, names = [], []
    for value in values:
        try:
            ids.append(UUID(value))
        except ValueError:
            names.append(value)
    return Q(**{f"{path}__in": ids}) | Q(**{f"{path}__name__in": names})


@dataclass(frozen=True, slots=True)
class Chip:
    """An applied filter, and the address without it."""

    text: str
    href: str


def chips(
    asked: QueryDict, titles: Mapping[str, str], say: Callable[[str, str], str]
) -> list[Chip]:
    """One chip per applied value of the parameters in `titles`."""
    found = []
    for name, title in titles.items():
        for value in asked.getlist(name):
            if value:
                rest = asked.copy()
                kept = [one for one in asked.getlist(name) if one and one != value]
                rest.setlist(name, kept)
                rest.pop("before", None)
                text = f"{title}: {say(name, value)}"
                found.append(Chip(text, f"?{rest.urlencode()}"))
    return found


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a filter's list."""

    value: str
    text: str
    on: bool


def choices(
    rows: Sequence[tuple[str, str]], wanted: Sequence[str], *, known: Sequence[str] = ()
) -> list[Choice]:
    """The offered values, and those wanted that are offered neither here nor as
    `known` elsewhere: a filter in the address is never hidden."""
    offered = {value for value, _ in rows} | set(known)
    extra = [(value, value) for value in wanted if value and value not in offered]
    return [Choice(value, text, value in wanted) for value, text in (*rows, *extra)]
