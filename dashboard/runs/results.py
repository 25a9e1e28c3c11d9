"""A run's returned value, as far as the server knows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from runs.models import FlowRunState


@dataclass(frozen=True, slots=True)
class Result:
    """The value itself, or where it is kept."""

    text: str
    is_value: bool


def value_of(state: FlowRunState | None) -> Result | None:
    """What the final state carries: a small value is shown, a stored one is located."""
    data: Any = state.result.data if state and state.result else None
    if not isinstance(data, dict):
        return None if data is None else Result(_shown(data), is_value=True)
    if data.get("type") == "literal" or ("value" in data and "storage_key" not in data):
        return Result(_shown(data.get("value")), is_value=True)
    if data.get("storage_key"):
        size = f", {data['size']} bytes" if data.get("size") else ""
        return Result(f"Kept in storage as {data['storage_key']}{size}", is_value=False)
    if data.get("type") == "unpersisted":
        return Result("Not kept: the run did not persist its result", is_value=False)
    return Result(_shown(data), is_value=False)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
