"""Which fields of a block are secret, and stars in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

STARS = "*" * 8


def masked(data: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The data with stars for every value that a path leads to."""
    for path in paths:
        data = _changed(data, path.split("."), lambda value: STARS)
    return data


def unmasked(
    data: dict[str, Any], stored: dict[str, Any], paths: Iterable[str]
) -> dict[str, Any]:
    """The data with what is stored in place of stars that were sent back."""
    for path in paths:
        data = _restored(data, stored, path.split("."))
    return data


def paths_of(fields: dict[str, Any]) -> list[str]:
    """The paths of a schema: names with dots, `*` for any name."""
    found = fields.get("secret_fields")
    return [path for path in found if isinstance(path, str)] if found else []


def _changed(value: Any, steps: list[str], change: Callable[[Any], Any]) -> Any:
    """A copy of the value with a change at the end of the path; None stays None."""
    if not steps:
        if isinstance(value, dict):
            return {key: _changed(inner, [], change) for key, inner in value.items()}
        return value if value is None else change(value)
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict):
        names = list(value) if step == "*" else [step] if step in value else []
        below = rest if step != "*" or rest else []
        return value | {name: _changed(value[name], below, change) for name in names}
    if isinstance(value, list) and step == "*":
        return [_changed(item, rest, change) for item in value]
    return value


def _restored(sent: Any, stored: Any, steps: list[str]) -> Any:
    if not steps:
        if isinstance(sent, dict) and isinstance(stored, dict):
            names = sent.keys() & stored.keys()
            return sent | {
                name: _restored(sent[name], stored[name], []) for name in names
            }
        return stored if sent == STARS else sent
    step, rest = steps[0], steps[1:]
    if isinstance(sent, dict) and isinstance(stored, dict):
        both = sent.keys() & stored.keys()
        names = both if step == "*" else both & {step}
        return sent | {
            name: _restored(sent[name], stored[name], rest) for name in names
        }
    if isinstance(sent, list) and isinstance(stored, list) and step == "*":
        pairs = zip(sent, stored, strict=False)
        kept = [_restored(one, other, rest) for one, other in pairs]
        return kept + sent[len(kept) :]
    return sent
