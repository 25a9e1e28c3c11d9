"""Job variables: the pool's template filled with what deployment and run ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from orion.worker.infrastructure.job import InfrastructureError

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([\w.\-\[\]$]+)\s*\}\}")
DEEPEST: Final = 64


class _Nothing:
    """The value of a variable that nobody has set: its key is left out."""


NOTHING: Final = _Nothing()


def variables(
    template: Mapping[str, Any], *layers: Mapping[str, Any]
) -> dict[str, Any]:
    """Defaults of the template, then each layer over it; environments are merged."""
    schema = template.get("variables") or {}
    found: dict[str, Any] = {
        name: each["default"]
        for name, each in (schema.get("properties") or {}).items()
        if isinstance(each, Mapping) and each.get("default") is not None
    }
    env: dict[str, Any] = dict(found.get("env") or {})
    for layer in layers:
        found.update({k: v for k, v in layer.items() if v is not None})
        env.update(layer.get("env") or {})
    return {**found, "env": env}


def configuration(
    template: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The job's configuration with its placeholders filled in.

    What the template does not mention is taken from the values as it is, so that a
    pool without a template works too.
    """
    wanted = template.get("job_configuration") or {}
    filled = _fill(wanted, values, DEEPEST)
    result = {**values, **({} if filled is NOTHING else filled)}
    _refuse_leftovers(result, "", DEEPEST)
    return result


def _fill(value: Any, values: Mapping[str, Any], depth: int) -> Any:
    if depth < 0:
        raise InfrastructureError("The job's template is nested too deeply")
    if isinstance(value, str):
        return _fill_text(value, values)
    if isinstance(value, Mapping):
        pairs = ((k, _fill(v, values, depth - 1)) for k, v in value.items())
        return {k: v for k, v in pairs if v is not NOTHING}
    if isinstance(value, list):
        items = (_fill(v, values, depth - 1) for v in value)
        return [v for v in items if v is not NOTHING]
    return value


def _fill_text(text: str, values: Mapping[str, Any]) -> Any:
    """A placeholder alone keeps its value's type; inside a text it becomes text."""
    if whole := _PLACEHOLDER.fullmatch(text.strip()):
        name = whole.group(1)
        return text if _is_of_a_store(name) else values.get(name, NOTHING)
    return _PLACEHOLDER.sub(
        lambda m: m[0] if _is_of_a_store(m[1]) else str(values.get(m[1], "")), text
    )


def _is_of_a_store(name: str) -> bool:
    return name.startswith(("prefect.", "$"))


def _refuse_leftovers(value: Any, where: str, depth: int) -> None:
    """A placeholder that nobody can fill must not reach a command or an address."""
    if depth < 0:
        raise InfrastructureError("The job's variables are nested too deeply")
    if isinstance(value, str) and (left := _PLACEHOLDER.search(value)):
        raise InfrastructureError(
            f"The job variable {where or 'at the top'} holds {left[0]}, which nothing "
            "fills in: set it in the deployment, the run or the pool's template"
        )
    if isinstance(value, Mapping):
        for key, each in value.items():
            _refuse_leftovers(each, f"{where}.{key}".lstrip("."), depth - 1)
    elif isinstance(value, list):
        for each in value:
            _refuse_leftovers(each, where, depth - 1)
