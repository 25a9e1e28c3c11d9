"""Finds futures and states in arguments, and puts their values in their place."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from typing import Any

from orion.annotations import Wrapper, allow_failure, quote
from orion.futures import Future
from orion.states import State

DEEPEST, MOST = 20, 10_000
PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray, type)


class Found:
    """A future or state among the arguments, and whether its failure is allowed."""

    __slots__ = ("is_failure_allowed", "source")

    def __init__(
        self, source: Future[Any] | State[Any], is_failure_allowed: bool
    ) -> None:
        self.source, self.is_failure_allowed = source, is_failure_allowed


def find(value: Any) -> tuple[list[Found], bool]:
    """All futures and states in a value, and whether the search was complete."""
    found: list[Found] = []
    budget = [MOST]
    complete = _find(value, found, budget, depth=0, allowed=False)
    return found, complete


def _find(
    value: Any, found: list[Found], budget: list[int], *, depth: int, allowed: bool
) -> bool:
    if isinstance(value, (*PLAIN, quote)):
        return True
    if isinstance(value, Future | State):
        found.append(Found(value, allowed))
        return True
    if isinstance(value, Wrapper):
        is_allowed = allowed or isinstance(value, allow_failure)
        return _find(value.value, found, budget, depth=depth, allowed=is_allowed)
    children = parts_of(value)
    if children is None:
        return True
    if depth >= DEEPEST:
        return False
    for child in children:
        budget[0] -= 1
        if budget[0] < 0:
            return False
        if not isinstance(child, PLAIN) and not _find(
            child, found, budget, depth=depth + 1, allowed=allowed
        ):
            return False
    return True


def parts_of(value: Any) -> Iterator[Any] | None:
    """What is inside a container that is searched; None for everything else."""
    kind = type(value)
    if isinstance(value, list | set | frozenset | tuple):
        return iter(value)
    if isinstance(value, dict):
        return iter([*value.keys(), *value.values()])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return (getattr(value, f.name) for f in dataclasses.fields(value))
    if _is_model(kind):
        return (getattr(value, name) for name in kind.model_fields)
    return None


def _is_model(kind: type[Any]) -> bool:
    """True for pydantic models; asks only if pydantic is in use already."""
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and issubclass(kind, pydantic.BaseModel)


def substitute(
    value: Any, value_of: Callable[[Future[Any] | State[Any], bool], Any]
) -> Any:
    """The same value with futures and states replaced; itself if nothing changed."""
    return _substitute(value, value_of, allowed=False, depth=0)


def _substitute(value: Any, value_of: Any, *, allowed: bool, depth: int) -> Any:
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, quote):
        return value.value
    if isinstance(value, Future | State):
        return value_of(value, allowed)
    if isinstance(value, Wrapper):
        is_allowed = allowed or isinstance(value, allow_failure)
        return _substitute(value.value, value_of, allowed=is_allowed, depth=depth)
    if depth >= DEEPEST:
        return value

    def inner(child: Any) -> Any:
        return _substitute(child, value_of, allowed=allowed, depth=depth + 1)

    return _rebuilt(value, inner)


def _rebuilt(value: Any, inner: Callable[[Any], Any]) -> Any:
    """A container with each part replaced, or the very same one if none changed."""
    if isinstance(value, dict):
        pairs = {inner(key): inner(each) for key, each in value.items()}
        same = all(
            new_key is old_key and new is old
            for (new_key, new), (old_key, old) in zip(
                pairs.items(), value.items(), strict=False
            )
        )
        return value if same and len(pairs) == len(value) else pairs
    if isinstance(value, list | tuple | set | frozenset):
        old_parts = list(value)
        new_parts = [inner(child) for child in old_parts]
        if all(new is old for new, old in zip(new_parts, old_parts, strict=True)):
            return value
        if hasattr(value, "_fields"):
            return type(value)(*new_parts)
        plain = next(k for k in (list, tuple, set, frozenset) if isinstance(value, k))
        return plain(new_parts)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = _changes(value, [f.name for f in dataclasses.fields(value)], inner)
        return dataclasses.replace(value, **changes) if changes else value
    if _is_model(type(value)):
        changes = _changes(value, list(type(value).model_fields), inner)
        return value.model_copy(update=changes) if changes else value
    return value


def _changes(
    value: Any, names: list[str], inner: Callable[[Any], Any]
) -> dict[str, Any]:
    old = {name: getattr(value, name) for name in names}
    new = {name: inner(each) for name, each in old.items()}
    return {name: each for name, each in new.items() if each is not old[name]}
