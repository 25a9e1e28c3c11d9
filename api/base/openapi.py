"""The OpenAPI document: operation ids and names as on the wire, filters from rows."""

from __future__ import annotations

from typing import Any

from drf_spectacular.contrib.pydantic import PydanticExtension  # noqa: F401 - registers
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

from api.base.describing import PREFIX
from api.base.filters import Filters
from api.base.joins import RESOURCES
from core.criteria import Criteria, Field, Operator

FILTER_NAMES = {
    "flows": "FlowFilter",
    "flow_runs": "FlowRunFilter",
    "task_runs": "TaskRunFilter",
    "deployments": "DeploymentFilter",
    "work_pools": "WorkPoolFilter",
    "work_pool_queues": "WorkQueueFilter",
}

_SETTINGS: dict[str, Any] = {
    "SCHEMA_PATH_PREFIX": PREFIX,
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "SERVERS": [{"url": PREFIX}],
    "SORT_OPERATIONS": False,
    "COMPONENT_SPLIT_PATCH": False,
    "POSTPROCESSING_HOOKS": [],
}
_TYPES: dict[str, dict[str, Any]] = {
    "UUID": {"type": "string", "format": "uuid"},
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
}
_INVALID = {
    "type": "object",
    "description": "What is wrong with the request, and where.",
    "required": ["exception_message", "exception_detail", "request_body"],
    "properties": {
        "exception_message": {"type": "string"},
        "exception_detail": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["loc", "msg", "type"],
                "properties": {
                    "loc": {"type": "array", "items": {}},
                    "msg": {"type": "string"},
                    "type": {"type": "string"},
                },
            },
        },
        "request_body": {},
    },
}


def document() -> dict[str, Any]:
    """The whole document."""
    with patched_settings(_SETTINGS):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call] # theirs
        found: dict[str, Any] = generator.get_schema(None, public=True)  # type: ignore[no-untyped-call] # theirs
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas["HTTPValidationError"] = _INVALID
    _describe_filters(schemas)
    for operations in found["paths"].values():
        for operation in operations.values():
            _add_refusal(operation)
    return found


def _add_refusal(operation: dict[str, Any]) -> None:
    if "requestBody" in operation or operation.get("parameters"):
        schema = {"$ref": "#/components/schemas/HTTPValidationError"}
        content = {"application/json": {"schema": schema}}
        operation["responses"].setdefault(
            "422", {"description": "", "content": content}
        )


def _describe_filters(schemas: dict[str, Any]) -> None:
    known = {name: FILTER_NAMES[name] for name in RESOURCES if name in FILTER_NAMES}
    for name, title in known.items():
        schemas[title] = {"title": title, **_of_part(RESOURCES[name].criteria)}
    for schema in schemas.values():
        properties = schema.get("properties", {})
        if set(Filters.model_fields) <= set(properties):
            for name, title in known.items():
                reference = {"$ref": f"#/components/schemas/{title}"}
                properties[name] = {"anyOf": [reference, {"type": "null"}]}


def _of_part(part: Criteria | Field) -> dict[str, Any]:
    if isinstance(part, Criteria):
        inner = {name: _of_part(one) for name, one in part.parts.items()}
    else:
        inner = {
            operator.key: _of_operator(operator, part)
            for operator in part.operators.values()
        }
    how = {"type": "string", "enum": ["and_", "or_"], "default": "and_"}
    return {"type": "object", "properties": {"operator": how, **inner}}


def _of_operator(operator: Operator, field: Field) -> dict[str, Any]:
    one = _TYPES[(operator.of or field.of).__name__]
    return {"type": "array", "items": one} if operator.many else one
