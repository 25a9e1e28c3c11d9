"""JSON Schema for parameters and job variables, and values that stand for others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from core.errors import DomainError, Invalid

KIND = "__prefect_kind"
DEPTH = 64  # levels of values that stand for values
_ABSENT = object()

Variables = Callable[[str], Any]


class Mismatch(DomainError):
    """Values do not fit their schema."""


class HydrationError(DomainError):
    """A value that stands for another one cannot be resolved."""


def no_variables(name: str) -> Any:
    """A workspace without variables."""
    raise LookupError(name)


def validate(values: Any, schema: Mapping[str, Any], *, partial: bool = False) -> None:
    """Check values against a schema; with `partial`, none of them is required.

    An optional property may be null, whatever its type. References to other
    documents are not followed.

    Raises:
        Mismatch: a value does not fit; the text names its field.
        Invalid: the schema itself cannot be used.
    """
    try:
        validator = _validator(orjson.dumps(schema), partial)
        error = best_match(validator.iter_errors(values))
    except RecursionError:
        raise Invalid("Unable to validate: the schema refers to itself.") from None
    except Unresolvable as missing:
        raise Invalid(
            f"Unable to validate: the schema lacks {missing.ref!r}."
        ) from None
    if error is not None:
        raise Mismatch(_text(error))


def faults(
    values: Any, schema: Mapping[str, Any]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every place that does not fit, with what is wrong there; for forms.

    Raises:
        Invalid: the schema itself cannot be used.
    """
    validator = _validator(orjson.dumps(schema), False)
    try:
        for error in validator.iter_errors(values):
            deepest = best_match([error])
            yield _place(deepest), f"{deepest.message:.300}"
    except RecursionError:
        raise Invalid("Unable to validate: the schema refers to itself.") from None
    except Unresolvable as missing:
        raise Invalid(
            f"Unable to validate: the schema lacks {missing.ref!r}."
        ) from None


def _place(error: ValidationError) -> tuple[str | int, ...]:
    """Where the mistake is; a value that is missing is missed at its own place."""
    path = tuple(error.absolute_path)
    if error.validator == "required" and isinstance(error.instance, dict):
        needed: Any = error.validator_value
        for name in needed:
            if name not in error.instance and error.message.startswith(repr(name)):
                return (*path, name)
    return path


def hydrate(value: Any, *, variables: Variables = no_variables) -> Any:
    """The value with each `__prefect_kind` object replaced by what it stands for.

    Raises:
        HydrationError: one cannot be resolved.
    """
    found = _hydrate(value, variables, DEPTH)
    return None if found is _ABSENT else found


def _hydrate(value: Any, variables: Variables, depth: int) -> Any:
    if depth < 0:
        raise HydrationError(f"Values are nested more than {DEPTH} levels deep.")
    if isinstance(value, list):
        items = (_hydrate(item, variables, depth - 1) for item in value)
        return [item for item in items if item is not _ABSENT]
    if not isinstance(value, dict):
        return value
    if KIND in value:
        return _resolve(value, variables, depth - 1)
    pairs = ((key, _hydrate(item, variables, depth - 1)) for key, item in value.items())
    return {key: item for key, item in pairs if item is not _ABSENT}


def _resolve(value: dict[str, Any], variables: Variables, depth: int) -> Any:
    kind = value[KIND]
    if kind == "json":
        return _from_json(value)
    if kind == "jinja":
        raise HydrationError(
            "Templates are not supported in parameters: send the rendered value."
        )
    if kind == "workspace_variable":
        return _variable(
            _hydrate(value.get("variable_name"), variables, depth), variables
        )
    return _hydrate(value.get("value"), variables, depth)


def _from_json(value: dict[str, Any]) -> Any:
    if "value" not in value:
        return _ABSENT
    text = value["value"]
    if not isinstance(text, str):
        raise HydrationError(f"Invalid JSON: text was wanted, found {text!r:.100}.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HydrationError(f"Invalid JSON: {error}") from None


def _variable(name: Any, variables: Variables) -> Any:
    if not isinstance(name, str):
        raise HydrationError(
            "Missing variable_name: the name of a variable was wanted."
        )
    try:
        return variables(name)
    except LookupError:
        raise HydrationError(f"Variable {name!r} not found in workspace.") from None


@lru_cache(maxsize=512)
def _validator(text: bytes, partial: bool) -> Any:
    schema = _tuples_as_prefixes(orjson.loads(text))
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise Invalid(f"Invalid schema: {error.message:.300}") from None
    kind = _Partial if partial else _Complete
    return kind(schema, registry=Registry())


def _tuples_as_prefixes(schema: Any) -> Any:
    """The schema with older spellings of tuples in today's."""
    if isinstance(schema, list):
        return [_tuples_as_prefixes(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    renamed = schema
    if isinstance(schema.get("items"), list):
        renamed = {
            k: v for k, v in schema.items() if k not in ("items", "additionalItems")
        }
        renamed["prefixItems"] = schema["items"]
        if "additionalItems" in schema:
            renamed["items"] = schema["additionalItems"]
    return {key: _tuples_as_prefixes(value) for key, value in renamed.items()}


def _properties(
    validator: Any, properties: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    """As the standard says, but an optional property may be null."""
    if not validator.is_type(instance, "object"):
        return
    required = schema.get("required", ())
    for name, subschema in properties.items():
        if name not in instance or (instance[name] is None and name not in required):
            continue
        yield from validator.descend(
            instance[name], subschema, path=name, schema_path=name
        )


def _nothing(*_: Any) -> Iterator[ValidationError]:
    """A keyword that asks for nothing."""
    yield from ()


_Complete: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"properties": _properties}
)
_Partial: Any = extend(  # type: ignore[no-untyped-call]
    _Complete, {"required": _nothing}
)


def _text(error: ValidationError) -> str:
    path = ".".join(str(part) for part in error.absolute_path)
    where = f"Validation failed for field {path!r}." if path else "Validation failed."
    return f"{where} Failure reason: {error.message:.1000}"
