"""What a JSON Schema asks a person for: one of a dozen kinds of control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Schema = Mapping[str, Any]

ABSENT: Any = object()
DEEPEST = 4  # levels drawn as controls; below them a JSON box
HOPS = 20  # references followed for one schema
SCALARS = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}
LEAVES = frozenset({*SCALARS.values(), "choice", "choices", "json"})


@dataclass(frozen=True, slots=True)
class Shape:
    """A place in the form: its kind, its words, and the schema behind it."""

    kind: str
    schema: Schema
    root: Schema = field(repr=False)
    depth: int
    title: str = ""
    required: bool = False
    nullable: bool = False
    default: Any = ABSENT

    @property
    def description(self) -> str:
        """What the schema says about it."""
        return str(self.schema.get("description") or "")

    @property
    def is_leaf(self) -> bool:
        """Whether it is one control rather than a group."""
        return self.kind in LEAVES

    @property
    def may_differ(self) -> bool:
        """Whether there is more than one answer: a value, the default, null."""
        return self.nullable or not self.required or self.default is not ABSENT

    @property
    def properties(self) -> dict[str, Shape]:
        """The members of an object, in order of `position`, then of the schema."""
        listed: Mapping[str, Any] = self.schema["properties"]
        needed = self.schema.get("required") or ()
        order = sorted(listed, key=lambda key: _position(listed[key]))
        return {
            key: self._below(listed[key], title=key, required=key in needed)
            for key in order
        }

    @property
    def item(self) -> Shape:
        """What each row of a list, or each value of a map, is."""
        key = "items" if self.kind == "list" else "additionalProperties"
        return self._below(self.schema[key], required=True)

    @property
    def branches(self) -> list[Shape]:
        """The alternatives of a union."""
        return [
            self._below(one, required=True)
            for one in _alternatives(self.schema)
            if not _is_null(resolved(one, self.root))
        ]

    @property
    def options(self) -> Sequence[Any]:
        """The values to choose from."""
        schema = self.schema
        if self.kind == "choices":
            schema = resolved(schema["items"], self.root)
        found: Sequence[Any] = schema["enum"] if "enum" in schema else [schema["const"]]
        return found

    def _below(self, schema: Any, *, title: str = "", required: bool) -> Shape:
        return shape_of(
            schema, self.root, depth=self.depth + 1, title=title, required=required
        )


def shape_of(
    schema: Any,
    root: Schema,
    *,
    depth: int = 0,
    title: str = "",
    required: bool = True,
) -> Shape:
    """The shape of a schema; what is not understood becomes a JSON box."""
    full = resolved(schema, root)
    nullable, full = _without_null(full, root)
    kind = _kind(full, root, depth)
    return Shape(
        kind,
        full,
        root,
        depth,
        title=str(full.get("title") or title),
        required=required,
        nullable=nullable,
        default=full.get("default", ABSENT),
    )


def with_defaults(shape: Shape, defaults: Mapping[str, Any]) -> dict[str, Shape]:
    """The members of an object, with other defaults than the schema's."""
    return {
        key: replace(one, default=defaults[key]) if key in defaults else one
        for key, one in shape.properties.items()
    }


def resolved(schema: Any, root: Schema) -> dict[str, Any]:
    """The schema with its own references followed and single `allOf` merged."""
    found: dict[str, Any] = dict(schema) if isinstance(schema, Mapping) else {}
    for _ in range(HOPS):
        if isinstance(found.get("$ref"), str):
            target = _target(found.pop("$ref"), root)
        elif isinstance(found.get("allOf"), list) and len(found["allOf"]) == 1:
            target = found.pop("allOf")[0]
        else:
            break
        found = {**(target if isinstance(target, Mapping) else {}), **found}
    return found


def _target(reference: str, root: Schema) -> Any:
    place: Any = root
    if not reference.startswith("#"):
        return {}
    for part in filter(None, reference[1:].split("/")):
        key = part.replace("~1", "/").replace("~0", "~")
        place = place.get(key) if isinstance(place, Mapping) else None
    return place


def _alternatives(schema: Schema) -> list[Any]:
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            return list(schema[key])
    if isinstance(schema.get("type"), list):
        rest = {key: value for key, value in schema.items() if key != "type"}
        return [{**rest, "type": one} for one in schema["type"]]
    return []


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null" or schema.get("const", ABSENT) is None


def _without_null(full: dict[str, Any], root: Schema) -> tuple[bool, dict[str, Any]]:
    """Whether null is an answer, and the schema of the others."""
    given = [resolved(one, root) for one in _alternatives(full)]
    others = [one for one in given if not _is_null(one)]
    nullable = len(others) < len(given)
    if len(others) != 1:
        return nullable, full
    outer = {
        key: value
        for key, value in full.items()
        if key not in ("anyOf", "oneOf", "type")
    }
    inner = {**others[0], **outer}
    more, inner = _without_null(inner, root)
    return nullable or more, inner


def _kind(full: Schema, root: Schema, depth: int) -> str:
    if isinstance(full.get("enum"), list) or "const" in full:
        return "choice"
    if _alternatives(full):
        return "union" if depth < DEEPEST else "json"
    kind = full.get("type")
    if kind in SCALARS:
        return SCALARS[kind]
    if depth >= DEEPEST:
        return "json"
    if kind == "array":
        return _array(full, root)
    if kind == "object" or "properties" in full:
        return _object(full)
    return "json"


def _array(full: Schema, root: Schema) -> str:
    if "prefixItems" in full or not isinstance(full.get("items"), Mapping):
        return "json"
    item = resolved(full["items"], root)
    if not item:
        return "json"
    return "choices" if full.get("uniqueItems") and "enum" in item else "list"


def _object(full: Schema) -> str:
    if isinstance(full.get("properties"), Mapping) and full["properties"]:
        return "object"
    more = full.get("additionalProperties")
    return "map" if isinstance(more, Mapping) and more else "json"


def _position(schema: Any) -> float:
    place = schema.get("position") if isinstance(schema, Mapping) else None
    return place if isinstance(place, int | float) else 1e9
