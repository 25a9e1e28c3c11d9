"""Parameters against schemas, and values that stand for values."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from core.schemas import HydrationError, Mismatch, hydrate, validate

SCHEMA = {
    "type": "object",
    "properties": {
        "n": {"type": "integer"},
        "name": {"type": "string", "default": "x"},
        "pair": {"type": "array", "items": [{"type": "integer"}, {"type": "string"}]},
        "tree": {"$ref": "#/definitions/Tree"},
    },
    "required": ["n"],
    "definitions": {
        "Tree": {
            "type": "object",
            "properties": {
                "leaf": {"type": "integer"},
                "branches": {"type": "array", "items": {"$ref": "#/definitions/Tree"}},
            },
        }
    },
}


@pytest.mark.parametrize(
    "values",
    [
        {"n": 1},
        {"n": 1, "name": None},
        {"n": 1, "unknown": object},
        {"n": 1, "pair": [1, "a"]},
        {"n": 1, "tree": {"branches": [{"leaf": None}, {"branches": [{"leaf": 1}]}]}},
    ],
)
def test_values_that_fit_pass(values: dict[str, Any]) -> None:
    validate(values, SCHEMA)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            {"n": "bad"},
            "Validation failed for field 'n'. Failure reason: "
            "'bad' is not of type 'integer'",
        ),
        ({}, "Validation failed. Failure reason: 'n' is a required property"),
        (
            {"n": None},
            "Validation failed for field 'n'. Failure reason: "
            "None is not of type 'integer'",
        ),
        (
            {"n": 1, "pair": ["a", "a"]},
            "Validation failed for field 'pair.0'. Failure reason: "
            "'a' is not of type 'integer'",
        ),
        (
            {"n": 1, "tree": {"branches": [{"leaf": "x"}]}},
            "Validation failed for field 'tree.branches.0.leaf'. Failure reason: "
            "'x' is not of type 'integer'",
        ),
    ],
)
def test_values_that_do_not_fit_name_their_field(
    values: dict[str, Any], text: str
) -> None:
    with pytest.raises(Mismatch) as refused:
        validate(values, SCHEMA)

    assert str(refused.value) == text


def test_a_part_of_the_values_needs_no_required_ones() -> None:
    validate({"name": "y"}, SCHEMA, partial=True)

    with pytest.raises(Mismatch):
        validate({"n": "bad"}, SCHEMA, partial=True)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"$ref": "#"}, "refers to itself"),
        ({"type": "whole number"}, "Invalid schema"),
        ({"$ref": "#/definitions/Nothing"}, "lacks"),
        ({"$ref": "http://example.org/schema.json"}, "lacks"),
        ({"properties": []}, "Invalid schema"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(
    schema: dict[str, Any], text: str
) -> None:
    with pytest.raises(Invalid) as refused:
        validate({"n": 1}, schema)

    assert text in str(refused.value)


def test_values_that_stand_for_others_are_replaced() -> None:
    value = {
        "plain": 1,
        "none": {"__prefect_kind": "none", "value": [{"__prefect_kind": "json"}]},
        "json": {"__prefect_kind": "json", "value": '{"a": [1]}'},
        "gone": {"__prefect_kind": "json"},
        "other": {"__prefect_kind": "newer", "value": 5},
        "variable": [{"__prefect_kind": "workspace_variable", "variable_name": "v"}],
    }

    assert hydrate(value, variables={"v": "hello"}.__getitem__) == {
        "plain": 1,
        "none": [],
        "json": {"a": [1]},
        "other": 5,
        "variable": ["hello"],
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"__prefect_kind": "json", "value": "{"}, "Invalid JSON: "),
        ({"__prefect_kind": "json", "value": 5}, "Invalid JSON: text was wanted"),
        (
            {"__prefect_kind": "workspace_variable", "variable_name": "nope"},
            "Variable 'nope' not found in workspace.",
        ),
        ({"__prefect_kind": "workspace_variable"}, "Missing variable_name"),
        ({"__prefect_kind": "jinja", "template": "{{ 1 }}"}, "not supported"),
    ],
)
def test_a_value_that_stands_for_nothing_is_refused(
    value: dict[str, Any], text: str
) -> None:
    with pytest.raises(HydrationError) as refused:
        hydrate({"x": value})

    assert str(refused.value).startswith(text) or text in str(refused.value)


def test_nesting_without_end_is_refused() -> None:
    value: Any = 1
    for _ in range(200):
        value = {"__prefect_kind": "none", "value": value}

    with pytest.raises(HydrationError):
        hydrate(value)
