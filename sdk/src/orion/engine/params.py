"""Binds arguments and checks them against annotations; pydantic only where needed."""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from orion._functions import bare_function
from orion.annotations import quote
from orion.engine.jsonable import SECRET, as_json
from orion.exceptions import ParameterTypeError, SignatureMismatchError

if TYPE_CHECKING:
    from orion._functions import Decorated

Check = Callable[[Any], bool]
EXACT = (int, str, float, bool, bytes, date, datetime, UUID, NoneType)
LONGEST_SHOWN = 200
_MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def bind(
    subject: Decorated, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> inspect.BoundArguments:
    """Arguments by parameter name, defaults not yet filled in."""
    try:
        return subject.signature.bind(*args, **kwargs)
    except TypeError as error:
        raise SignatureMismatchError(
            f"{subject.name}{subject.signature}: {error}"
        ) from None


def bind_mapping(
    subject: Decorated, parameters: Mapping[str, Any]
) -> inspect.BoundArguments:
    """Arguments of a run that was started from outside, by name."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    left = dict(parameters)
    for name, parameter in subject.signature.parameters.items():
        if name not in left:
            continue
        value = left.pop(name)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            kwargs.update(value)
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            args.extend(value)
        elif parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            args.append(value)
        else:
            kwargs[name] = value
    return bind(subject, tuple(args), {**kwargs, **left})


def validated(subject: Decorated, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, coerced to their annotations, or one error for all of them."""
    bound = bind_mapping(subject, parameters)
    validate_bound(subject, bound)
    return dict(bound.arguments)


def validate_bound(subject: Decorated, bound: inspect.BoundArguments) -> None:
    """Check and coerce in place; raises before anything of the body runs."""
    problems: list[str] = []
    hints = annotations_of(subject)
    for name, value in list(bound.arguments.items()):
        if name not in hints or isinstance(value, quote):
            continue
        parameter = subject.signature.parameters[name]
        try:
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                bound.arguments[name] = tuple(_checked(hints[name], v) for v in value)
            elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
                bound.arguments[name] = {
                    key: _checked(hints[name], v) for key, v in value.items()
                }
            else:
                bound.arguments[name] = _checked(hints[name], value)
        except ValueError as error:  # pydantic's is one
            is_secret = is_secret_type(hints[name])
            problems.append(f"{name}: {_reason(error, is_secret=is_secret)}")
    if problems:
        raise ParameterTypeError(
            "Validation of flow parameters failed: " + "; ".join(problems)
        )


def annotations_of(subject: Decorated) -> dict[str, Any]:
    """The annotations, with forward references resolved in the function's module."""
    bare = bare_function(subject.fn)
    names = vars(sys.modules.get(bare.__module__, typing))
    try:
        hints = typing.get_type_hints(bare, names, include_extras=True)
    except NameError as error:
        raise ParameterTypeError(
            f"The annotations of {subject.name} cannot be resolved: {error}"
        ) from None
    hints.pop("return", None)
    return hints


def _checked(annotation: Any, value: Any) -> Any:
    check = _check_of(annotation)
    if check is not None and check(value):
        return value
    return _adapter(annotation).validate_python(value)


_checks: dict[Any, Check | None] = {}


def _check_of(annotation: Any) -> Check | None:
    """A quick test that accepts only what needs no coercion; None if there is none."""
    try:
        return _checks[annotation]
    except KeyError:
        check = _checks[annotation] = _make_check(annotation)
        return check
    except TypeError:  # an annotation without a hash
        return _make_check(annotation)


def _make_check(annotation: Any) -> Check | None:
    if annotation is Any or annotation is object:
        return lambda value: True
    if annotation in EXACT or annotation is None:
        kind = NoneType if annotation is None else annotation
        return lambda value: type(value) is kind
    if annotation is Path or (
        isinstance(annotation, type) and issubclass(annotation, Enum)
    ):
        return lambda value: isinstance(value, annotation)
    if annotation in (list, dict, set, tuple, frozenset):
        return lambda value: type(value) is annotation
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return lambda value: any(
            value == each and type(value) is type(each) for each in inner
        )
    if origin is UnionType or origin is typing.Union:
        return _any_of([_check_of(each) for each in inner])
    if origin is list and len(inner) == 1:
        return _list_of(_check_of(inner[0]))
    if origin is dict and len(inner) == 2:
        return _dict_of(_check_of(inner[0]), _check_of(inner[1]))
    return None


def _any_of(checks: list[Check | None]) -> Check:
    """One that can say yes is enough; the rest is left to the slow path."""
    known = [each for each in checks if each is not None]
    return lambda value: any(check(value) for check in known)


def _list_of(check: Check | None) -> Check | None:
    if check is None:
        return None
    return lambda value: type(value) is list and all(map(check, value))


def _dict_of(key: Check | None, each: Check | None) -> Check | None:
    if key is None or each is None:
        return None
    return lambda value: (
        type(value) is dict and all(map(key, value)) and all(map(each, value.values()))
    )


_adapters: dict[Any, Any] = {}


def _adapter(annotation: Any) -> Any:
    """pydantic's validator for an annotation, built once."""
    import pydantic

    try:
        if annotation in _adapters:
            return _adapters[annotation]
    except TypeError:
        return pydantic.TypeAdapter(annotation)
    try:
        made: Any = pydantic.TypeAdapter(
            annotation, config=pydantic.ConfigDict(arbitrary_types_allowed=True)
        )
    except pydantic.errors.PydanticUserError:
        made = pydantic.TypeAdapter(annotation)  # brings its own configuration
    _adapters[annotation] = made
    return made


def is_secret_type(annotation: Any) -> bool:
    """True if values of this type are not to be shown to anybody."""
    return "Secret" in str(annotation)


def shown(subject: Decorated, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as the server may see them."""
    try:
        hints = annotations_of(subject)
    except ParameterTypeError:  # told already, as the reason of the failure
        hints = {}
    return {
        name: SECRET if is_secret_type(hints.get(name)) else as_json(value)
        for name, value in parameters.items()
    }


def _reason(error: ValueError, *, is_secret: bool) -> str:
    """pydantic's errors in one line, without the value if it is secret."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return "cannot be used" if is_secret else str(error)
    told = []
    for each in errors(include_url=False, include_context=False):
        where = ".".join(str(part) for part in each["loc"])
        found = SECRET if is_secret else repr(each.get("input"))[:LONGEST_SHOWN]
        text = f"{each['msg']} (found {found})"
        told.append(f"{where}: {text}" if where else text)
    return ", ".join(told)
