"""The two documents of the protocol, and whether an answer has the shape they give."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

HERE = Path(__file__).parent
GENERATIONS = (2, 3)
NOT_BUILT = HERE / "not_built.txt"


@cache
def document(generation: int) -> dict[str, Any]:
    """The OpenAPI document of a generation's own server."""
    found: dict[str, Any] = json.loads(
        (HERE / f"openapi-{generation}.json").read_text(encoding="utf-8")
    )
    return found


@cache
def operations(generation: int) -> dict[str, dict[str, Any]]:
    """Every operation of a document by its name, for instance `GET /flows/{id}`."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in document(generation)["paths"].items()
        for method, operation in item.items()
    }


def all_operations() -> dict[str, dict[str, Any]]:
    """The union of both, newest first."""
    return operations(2) | operations(3)


def not_built() -> set[str]:
    """The operations we do not serve yet: a list that may only shrink."""
    return set(NOT_BUILT.read_text(encoding="utf-8").splitlines())


def complaints(generation: int, operation: str, answer: Any) -> list[str]:
    """Where an answer with status 2xx differs from what the document promises."""
    promised = operations(generation).get(operation, {}).get("responses", {})
    contents = [
        response.get("content", {}).get("application/json", {}).get("schema")
        for status, response in promised.items()
        if status.startswith("2")
    ]
    schema = next((one for one in contents if one), None)
    if schema is None:
        return []
    # the older document declares optional fields that are null in its own answers
    value = without_nulls(answer) if generation == 2 else answer
    whole = {**schema, "components": document(generation)["components"]}
    errors = Draft202012Validator(whole).iter_errors(value)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


def without_nulls(value: Any) -> Any:
    """The value without the keys that are null."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if item is not None}
        return {key: without_nulls(item) for key, item in kept.items()}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
