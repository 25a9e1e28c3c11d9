"""Values as JSON for the server: parameters, and small results."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from orion.annotations import quote

LONGEST_REPR, LONGEST_LITERAL = 200, 200
SECRET = "********"  # noqa: S105 - what is shown instead of one
DEEPEST = 50


def as_json(value: Any, depth: int = 0) -> Any:
    """A JSON value; what cannot be one becomes a marked description."""
    if value is None or isinstance(value, bool | str):
        return value.value if isinstance(value, Enum) else _text(value)
    if isinstance(value, Enum):
        return as_json(value.value, depth)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _unserializable(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | PurePath):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if depth >= DEEPEST or isinstance(value, quote):
        return _unserializable(value)
    if isinstance(value, Mapping):
        return {str(key): as_json(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(each, depth + 1) for each in value]
    if hasattr(value, "get_secret_value"):
        return SECRET
    return _by_pydantic(value)


def _text(value: Any) -> Any:
    """Text that any server can store: no lone surrogates, no NUL."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    return value


def _by_pydantic(value: Any) -> Any:
    """Models, dataclasses and the rest; pydantic is asked only if it is in use."""
    core = sys.modules.get("pydantic_core")
    if core is None and not hasattr(value, "__dataclass_fields__"):
        return _unserializable(value)
    import pydantic_core

    try:
        return pydantic_core.to_jsonable_python(value, inf_nan_mode="strings")
    except (ValueError, TypeError, RecursionError):
        return _unserializable(value)


def _unserializable(value: Any) -> dict[str, str]:
    try:
        shown = repr(value)
    except Exception as error:
        shown = f"<{type(value).__name__}: its repr failed with {error!r}>"
    return {
        "__orion_type__": "unserializable",
        "repr": _text(shown[:LONGEST_REPR]),
    }


def is_small(value: Any) -> bool:
    """True for values that may be shown to the server: short scalars."""
    if value is None or isinstance(value, bool):
        return True
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is int:
        return value.bit_length() <= 63
    return type(value) is str and len(value.encode("utf-8", "replace")) <= (
        LONGEST_LITERAL
    )
