"""`.map`: one submitted run for each element of the iterable arguments."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from orion.annotations import Wrapper, allow_failure, unmapped
from orion.engine.params import bind
from orion.engine.task_run import submit
from orion.exceptions import MappingLengthMismatch, MappingMissingIterable
from orion.futures import Future, FutureList

if TYPE_CHECKING:
    from orion.tasks import Task

STATIC = (str, bytes, bytearray, dict)


def map_task(
    task: Task[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> FutureList[Any]:
    """Zip the iterable arguments; everything else goes to each run as it is."""
    wait_for = kwargs.pop("wait_for", None)
    wants_state = kwargs.pop("return_state", False)
    bind(task, args, kwargs)  # wrong names fail before anything is submitted
    columns: dict[int | str, list[Any]] = {}
    given: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
    for place, value in given:
        elements = _elements(value)
        if elements is not None:
            columns[place] = elements
    _check(task, columns)
    futures: FutureList[Any] = FutureList()
    for row in range(len(next(iter(columns.values())))):
        row_args = tuple(_cell(columns, n, row, value) for n, value in enumerate(args))
        row_kwargs = {
            name: _cell(columns, name, row, value) for name, value in kwargs.items()
        }
        if wait_for is not None:
            row_kwargs["wait_for"] = wait_for
        futures.append(submit(task, row_args, row_kwargs))
    return futures.states if wants_state else futures  # type: ignore[return-value]


def _cell(
    columns: dict[int | str, list[Any]], place: int | str, row: int, value: Any
) -> Any:
    if place in columns:
        return columns[place][row]
    return value.value if isinstance(value, unmapped) else value


def _elements(value: Any) -> list[Any] | None:
    """The elements to iterate, or None for a static argument."""
    if isinstance(value, unmapped):
        return None
    if isinstance(value, allow_failure):
        inner = _elements(value.value)
        return None if inner is None else [allow_failure(each) for each in inner]
    if isinstance(value, (Wrapper, *STATIC)):
        return None
    if isinstance(value, Future):
        found = value.result()
        if isinstance(found, STATIC) or not isinstance(found, Iterable):
            return None
        return list(found)
    if _is_model(value) or not isinstance(value, Iterable):
        return None
    return list(value)


def _is_model(value: Any) -> bool:
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(value, pydantic.BaseModel)


def _check(task: Task[..., Any], columns: dict[int | str, list[Any]]) -> None:
    if not columns:
        raise MappingMissingIterable(
            f"{task.name}.map was given nothing to iterate over: pass a list, "
            "or use .submit for a single run"
        )
    lengths = {
        _label(task, place): len(elements) for place, elements in columns.items()
    }
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {n}" for name, n in lengths.items())
        raise MappingLengthMismatch(
            f"The iterables of {task.name}.map differ in length: {told}; "
            "wrap what is meant for every run in unmapped()"
        )


def _label(task: Task[..., Any], place: int | str) -> str:
    if isinstance(place, str):
        return place
    names = list(task.signature.parameters)
    return names[place] if place < len(names) else f"argument {place + 1}"
