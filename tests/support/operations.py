"""The operations of our own OpenAPI document, and valid values for its schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
PLAIN: dict[str, Any] = {
    "string": "x",
    "integer": 1,
    "number": 1.0,
    "boolean": False,
    "array": [],
    "object": {},
    "null": None,
}
FORMATS = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time-delta": 1.0,
    "duration": 1.0,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    method: str
    path: str  # as in the document, with {names}, below /api
    parameters: tuple[Schema, ...]
    body: Schema | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Document:
    """An OpenAPI document with its references followed."""

    def __init__(self, document: Schema) -> None:
        self.document = document

    def operations(self) -> Iterator[Operation]:
        """Every operation, in the document's order."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(method, path, item)

    def _operation(self, method: str, path: str, item: Schema) -> Operation:
        found = item[method]
        shared = (*item.get("parameters", ()), *found.get("parameters", ()))
        content = self.resolve(found.get("requestBody", {})).get("content", {})
        media = content.get("application/json", {})
        return Operation(
            method.upper(),
            path.removeprefix("/api"),
            tuple(map(self.resolve, shared)),
            media.get("schema"),
        )

    def resolve(self, schema: Schema) -> Schema:
        """Follow references; of alternatives take the first that is not null."""
        while True:
            if "$ref" in schema:
                found: Any = self.document
                for part in schema["$ref"].removeprefix("#/").split("/"):
                    found = found[part]
                schema = found
            elif choices := schema.get("anyOf") or schema.get("oneOf"):
                real = [choice for choice in choices if choice.get("type") != "null"]
                schema = real[0] if real else {"type": "null"}
            elif len(schema.get("allOf", ())) == 1:
                schema = schema["allOf"][0]
            else:
                return schema

    def example(self, schema: Schema) -> Any:
        """The smallest valid value."""
        schema = self.resolve(schema)
        for key in ("const", "default"):
            if schema.get(key) is not None:
                return schema[key]
        if schema.get("enum"):
            return schema["enum"][0]
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        if schema.get("properties"):
            required = schema.get("required", ())
            fields = schema["properties"]
            return {name: self.example(fields[name]) for name in required}
        kind = schema.get("type", "object")
        return PLAIN[kind if isinstance(kind, str) else kind[0]]

    def fields(
        self, schema: Schema, *, depth: int, at: tuple[str | int, ...] = ()
    ) -> Iterator[tuple[str | int, ...]]:
        """Where values stand in a body, down to a depth."""
        schema = self.resolve(schema)
        if at:
            yield at
        if len(at) >= depth:
            return
        for name, inner in schema.get("properties", {}).items():
            yield from self.fields(inner, depth=depth, at=(*at, name))
        if schema.get("items"):
            yield from self.fields(schema["items"], depth=depth, at=(*at, 0))


def with_value(body: Any, at: tuple[str | int, ...], value: Any) -> Any:
    """A copy of a body with one value put in, making the containers on the way."""
    if not at:
        return value
    step, rest = at[0], at[1:]
    if isinstance(step, int):
        first = body[0] if isinstance(body, list) and body else None
        return [with_value(first, rest, value)]
    fields = dict(body) if isinstance(body, dict) else {}
    return fields | {step: with_value(fields.get(step), rest, value)}
