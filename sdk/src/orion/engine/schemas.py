"""A flow's parameters as JSON schema, in the form that run forms read."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from orion.engine.jsonable import as_json
from orion.engine.params import _adapter, annotations_of

if TYPE_CHECKING:
    from orion._functions import Decorated

TEMPLATE = "#/definitions/{model}"


def schema_of(subject: Decorated) -> dict[str, Any]:
    """One property for each parameter, in order; shared types under `definitions`."""
    hints = annotations_of(subject)
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    required: list[str] = []
    for position, (name, parameter) in enumerate(subject.signature.parameters.items()):
        schema = _schema(hints.get(name, Any))
        definitions.update(schema.pop("$defs", {}))
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            schema = {"type": "array", "items": schema}
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            schema = {"type": "object", "additionalProperties": schema}
        elif parameter.default is inspect.Parameter.empty:
            required.append(name)
        else:
            schema["default"] = as_json(parameter.default)
        properties[name] = {"title": name, "position": position, **schema}
    return {
        "title": "Parameters",
        "type": "object",
        "properties": properties,
        "required": required,
        "definitions": definitions,
    }


def _schema(annotation: Any) -> dict[str, Any]:
    import pydantic

    try:
        found: dict[str, Any] = _adapter(annotation).json_schema(ref_template=TEMPLATE)
    except pydantic.errors.PydanticInvalidForJsonSchema:
        return {}
    return found
