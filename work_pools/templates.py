"""Base job templates: what the jobs of a pool are made of, and their variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from core import schemas
from core.errors import Invalid

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_.\-\[\]$]+)\s*\}\}")
_OF_THE_CLIENT = ("prefect.", "$")  # resolved where the job runs
DEPTH = 64


def check(template: Mapping[str, Any]) -> None:
    """Refuse a template that uses variables it does not declare; empty is fine.

    Raises:
        Invalid: it lacks a part, or a variable.
    """
    if not template:
        return
    missing = [k for k in ("job_configuration", "variables") if k not in template]
    if missing:
        raise Invalid(
            f"The base_job_template lacks {' and '.join(missing)}: it is either empty "
            "or has both job_configuration and variables."
        )
    variables = template["variables"]
    properties = variables.get("properties") if isinstance(variables, dict) else None
    known = set(properties) if isinstance(properties, dict) else set()
    used = set(_placeholders(template["job_configuration"], DEPTH))
    unknown = sorted(name for name in used if name.split(".")[0] not in known)
    if unknown:
        raise Invalid(
            f"The job_configuration uses {', '.join(unknown)}, which the variables of "
            "the base_job_template do not declare as properties."
        )


def check_values(template: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Refuse job variables that do not fit the template's schema.

    Values with placeholders are left to the worker that fills them in.

    Raises:
        Invalid: a value does not fit.
    """
    schema = template.get("variables")
    if not isinstance(schema, dict) or not values:
        return
    plain = {k: v for k, v in values.items() if "{{" not in str(v)}
    try:
        schemas.validate(plain, schema, partial=True)
    except schemas.Mismatch as error:
        raise Invalid(str(error)) from None


def _placeholders(value: Any, depth: int) -> Iterator[str]:
    """The names in `{{ … }}` anywhere inside."""
    if depth < 0:
        return
    if isinstance(value, str):
        for name in _PLACEHOLDER.findall(value):
            if not name.startswith(_OF_THE_CLIENT):
                yield name
    elif isinstance(value, dict):
        for item in value.values():
            yield from _placeholders(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            yield from _placeholders(item, depth - 1)
