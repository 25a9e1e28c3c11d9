from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, SecretStr

from orion import flow
from orion.engine.jsonable import as_json
from orion.exceptions import ParameterTypeError, SignatureMismatchError
from orion.testing import harness


class Colour(Enum):
    RED = "red"


class Point(BaseModel):
    x: int


@dataclass
class Pair:
    left: int
    right: int = 0


KEY = UUID("01a1fe76-1d03-77b6-aad4-d983dcfe5c61")


@flow
def takes(
    number: int = 0,
    maybe: str | None = None,
    day: date | None = None,
    path: Path | None = None,
    key: UUID | None = None,
    words: list[str] = [],  # noqa: B006
    counts: dict[str, int] = {},  # noqa: B006
    mode: Literal["a", "b"] = "a",
    colour: Colour = Colour.RED,
    small: Annotated[int, Field(lt=10)] = 1,
    point: Point | None = None,
    pair: Pair | None = None,
    ratio: float = 0.0,
) -> None: ...


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("number", "7", 7),
        ("number", 7.0, 7),
        ("maybe", None, None),
        ("day", "2026-01-02", date(2026, 1, 2)),
        ("path", "a/b", Path("a/b")),
        ("key", str(KEY), KEY),
        ("words", ("x", "y"), ["x", "y"]),
        ("counts", {"a": "1"}, {"a": 1}),
        ("mode", "b", "b"),
        ("colour", "red", Colour.RED),
        ("small", "9", 9),
        ("point", {"x": "1"}, Point(x=1)),
        ("pair", {"left": 1}, Pair(1)),
        ("ratio", 1, 1.0),
    ],
)
def test_values_are_coerced_to_their_annotations(
    name: str, given: Any, expected: Any
) -> None:
    found = takes.validate({name: given})[name]

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("number", "many"),
        ("maybe", 5),
        ("words", "xy"),
        ("mode", "c"),
        ("small", 10),
        ("point", {"x": "one"}),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name(name: str, given: Any) -> None:
    with pytest.raises(ParameterTypeError, match=f"failed: {name}: "):
        takes.validate({name: given})


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ParameterTypeError, match=r"number: .*; mode: "):
        takes.validate({"number": "many", "mode": "c"})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(SignatureMismatchError, match="nothing"):
        takes.validate({"nothing": 1})


def test_values_that_fit_are_the_same_objects() -> None:
    words = ["a", "b"]

    assert takes.validate({"words": words})["words"] is words


def test_validation_can_be_switched_off() -> None:
    @flow(validate_parameters=False)
    def lax(number: int) -> Any:
        return number

    anything: Any = lax

    assert anything("7") == "7"


def test_variable_arguments_are_checked_one_by_one() -> None:
    @flow
    def many(*numbers: int, **named: int) -> Any:
        return numbers, named

    anything: Any = many

    assert anything(1, "2", a="3") == ((1, 2), {"a": 3})


def test_simple_parameters_do_not_load_pydantic() -> None:
    code = """
import sys
from orion import flow
@flow
def simple(n: int, words: list[str], day: str | None = None) -> int:
    return n
assert simple(3, ["a"]) == 3
print("pydantic" in sys.modules, "httpx" in sys.modules, "asyncio" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["False", "False", "False"]


def test_json_for_the_server_never_shows_secrets_and_never_fails() -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError("no repr")

    found = as_json(
        {
            "secret": SecretStr("geheim"),
            "model": Point(x=1),
            "pair": Pair(1, 2),
            "set": {1},
            "hostile": Hostile(),
            "nul": "a\0b",
            "lone": "\ud800",
            "colour": Colour.RED,
        }
    )

    assert found["secret"] == "********"
    assert found["model"] == {"x": 1}
    assert found["pair"] == {"left": 1, "right": 2}
    assert found["set"] == [1]
    assert "no repr" in found["hostile"]["repr"]
    assert "\0" not in found["nul"]
    assert found["lone"].encode()
    assert found["colour"] == "red"


def test_secrets_are_masked_in_parameters_and_in_errors() -> None:
    @flow
    def logs_in(password: SecretStr, tries: int = 1) -> None: ...

    anything: Any = logs_in
    with harness() as server:
        anything("geheim")
        with pytest.raises(ParameterTypeError) as caught:
            anything(["geheim"], tries="many")

    assert "geheim" not in str(caught.value)
    assert "geheim" not in str(server.requests)
    assert server.last_run["parameters"]["password"] == "********"
