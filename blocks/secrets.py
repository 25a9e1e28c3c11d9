"""Which fields of a block are secret, and stars in their place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

STARS = "*" * 8


def masked(data: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The data with stars for every value that a path leads to."""
    found: Any = data
    for path in paths:
        found = _masked(found, path.split("."))
    return dict(found)


def unmasked(
    data: dict[str, Any], stored: dict[str, Any], paths: Iterable[str]
) -> dict[str, Any]:
    """The data with what is stored in place of stars that were sent back."""
    found: Any = data
    for path in paths:
        found = _restored(found, stored, path.split("."))
    return dict(found)


def paths_of(fields: dict[str, Any]) -> list[str]:
    """The paths of a schema: names with dots, `*` for any name."""
    found = fields.get("secret_fields")
    if not isinstance(found, list):
        return []
    return [path for path in found if isinstance(path, str)]


def _masked(value: Any, steps: list[str]) -> Any:
    if not steps:
        return STARS
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict):
        names = value.keys() if step == "*" else value.keys() & {step}
        return value | {name: _part(value[name], step, rest) for name in names}
    if isinstance(value, list) and step == "*":
        return [_part(item, step, rest) for item in value]
    return value


def _part(value: Any, step: str, rest: list[str]) -> Any:
    """One value; below a last `*` the keys may be seen, the values not."""
    if step == "*" and not rest and isinstance(value, dict):
        return {key: _part(inner, step, rest) for key, inner in value.items()}
    return _masked(value, rest)


def _restored(sent: Any, stored: Any, steps: list[str]) -> Any:
    step, rest = (steps[0], steps[1:]) if steps else ("*", [])
    if sent == STARS and not steps:
        return stored
    if isinstance(sent, dict) and isinstance(stored, dict):
        both = sent.keys() & stored.keys()
        named = both if step == "*" else both & {step}
        return sent | {key: _restored(sent[key], stored[key], rest) for key in named}
    if isinstance(sent, list) and isinstance(stored, list) and step == "*":
        pairs = zip(sent, stored, strict=False)
        kept = [_restored(one, other, rest) for one, other in pairs]
        return kept + sent[len(kept) :]
    return sent
