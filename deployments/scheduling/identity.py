"""What makes a schedule the same one after a redeploy.

A schedule gets its identity when it is first seen: its slug, else a hash of what it
is. Whoever is the same schedule later keeps that, whatever was changed about it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import orjson

Code = Mapping[str, Any]  # fields of a schedule as the code has them


class Known(Protocol):
    """A schedule that was there before."""

    @property
    def code(self) -> Code:
        """Its fields as they were deployed."""
        ...


K = TypeVar("K", bound=Known)


def identity_of(slug: str | None, shape: Any, parameters: Any) -> str:
    """The name of a schedule that is new."""
    return slug or _hash([shape, parameters])


def free(wanted: str, taken: Iterable[str]) -> str:
    """The name, or another one when it is taken."""
    known = set(taken)
    number = 2
    name = wanted
    while name in known:
        name = f"{wanted[:1000]}~{number}"
        number += 1
    return name


def pair(old: Iterable[K], new: Sequence[Code]) -> list[K | None]:
    """Which of the old schedules each new one is.

    First those with the same slug, then those of the same shape and parameters, then
    intervals that differ in their anchor alone (clients that name none anchor them at
    each deploy); one that is left on either side was changed by the code.
    """
    left = list(old)
    found: list[K | None] = [None] * len(new)
    for likeness in (_slug, _whole, _shape, _but_for_anchor):
        for place, code in enumerate(new):
            if found[place] is None:
                found[place] = _take(left, likeness, likeness(code))
    places = [place for place, one in enumerate(found) if one is None]
    if len(left) == len(places) == 1:
        found[places[0]] = left[0]
    return found


def same(name: str, one: Any, other: Any) -> bool:
    """Whether a field means the same in both; anchors that clients make up do not."""
    if name == "schedule" and isinstance(one, Mapping) and isinstance(other, Mapping):
        return _loosely(one) == _loosely(other)
    return bool(one == other)


def _take(left: list[K], likeness: Callable[[Code], Any], wanted: Any) -> K | None:
    if wanted is not None:
        for place, one in enumerate(left):
            if likeness(one.code) == wanted:
                return left.pop(place)
    return None


def _slug(code: Code) -> Any:
    return code.get("slug")


def _whole(code: Code) -> Any:
    return [code.get("slug"), *_shape(code)]


def _shape(code: Code) -> Any:
    return [code.get("schedule"), code.get("parameters") or {}]


def _but_for_anchor(code: Code) -> Any:
    shape = code.get("schedule") or {}
    return [_loosely(shape), code.get("parameters") or {}]


def _loosely(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shape.items() if key != "anchor_date"}


def _hash(whole: Any) -> str:
    text = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:32]
