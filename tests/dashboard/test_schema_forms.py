"""Forms from schemas: what is shown, what is read, what is said about mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from dashboard.schema_forms import SchemaForm

PARIS = ZoneInfo("Europe/Paris")


def schema_of(property: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"x": property},
        "required": ["x"] if required else [],
        "definitions": {
            "Window": {
                "title": "Window",
                "type": "object",
                "required": ["start"],
                "properties": {
                    "start": {"type": "string", "format": "date"},
                    "days": {"type": "integer", "default": 7},
                },
            },
            "Node": {
                "type": "object",
                "properties": {"next": {"$ref": "#/definitions/Node"}},
            },
        },
    }


def form(
    property: Mapping[str, Any],
    texts: Mapping[str, Any] | None = None,
    *,
    required: bool = False,
    **given: Any,
) -> SchemaForm:
    """A form of one parameter; `texts` are what a browser sends."""
    sent = None
    if texts is not None:
        sent = QueryDict(mutable=True)
        for name, value in texts.items():
            sent.setlist(name, value if isinstance(value, list) else [value])
    schema = schema_of(property, required=required)
    return SchemaForm(schema, name="p", zone=PARIS, sent=sent, **given)


def as_sent(shown: SchemaForm, **changes: Any) -> dict[str, Any]:
    """What a browser sends when nothing but `changes` was touched."""
    texts: dict[str, Any] = dict(shown.texts)
    for control in shown.controls:
        for one in control.everything():
            if one.modes:
                texts[f"{one.name}:was"] = one.mode
    return texts | changes


STRING = {"type": "string"}
NULLABLE = {"anyOf": [{"type": "string"}, {"type": "null"}]}
UNION = {"anyOf": [{"$ref": "#/definitions/Window"}, {"type": "string"}]}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
COLOURS = [{"enum": ["red", "green", 3]}]

# (schema, what the browser sends of a required parameter, the value)
READ = [
    (STRING, {"p/x": "eu"}, "eu"),
    (
        {"type": "integer"},
        {"p/x": "123456789012345678901234"},
        123456789012345678901234,
    ),
    ({"type": "number"}, {"p/x": "1e3"}, 1000.0),
    ({"type": "number"}, {"p/x": "3"}, 3),
    ({"type": "boolean"}, {"p/x": "false"}, False),
    ({"enum": ["red", 3]}, {"p/x": "3"}, 3),
    ({"enum": ["red", 3]}, {"p/x": '"red"'}, "red"),
    ({"const": "on"}, {"p/x": '"on"'}, "on"),
    ({"type": "string", "format": "date"}, {"p/x": "2026-11-21"}, "2026-11-21"),
    (
        {"type": "string", "format": "date-time"},
        {"p/x": "2026-07-01T06:00:00"},
        "2026-07-01T06:00:00+02:00",
    ),
    (NUMBERS, {"p/x:n": "2", "p/x/0": "1", "p/x/1": "2"}, [1, 2]),
    (NUMBERS, {"p/x:n": "0"}, []),
    (
        {"type": "array", "uniqueItems": True, "items": {"enum": ["low", "high"]}},
        {"p/x": ['"low"', '"high"']},
        ["low", "high"],
    ),
    (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"p/x:n": "1", "p/x/0:key": "a/b", "p/x/0": "5"},
        {"a/b": 5},
    ),
    (
        {"$ref": "#/definitions/Window"},
        {"p/x/start": "2026-01-01", "p/x/days:mode": "default", "p/x/days": "7"},
        {"start": "2026-01-01"},
    ),
    (
        {"allOf": [{"$ref": "#/definitions/Window"}]},
        {"p/x/start": "2026-01-01", "p/x/days:mode": "value", "p/x/days": "9"},
        {"start": "2026-01-01", "days": 9},
    ),
    (UNION, {"p/x:kind": "1", "p/x:1": "text"}, "text"),
    (
        UNION,
        {"p/x:kind": "0", "p/x:0/start": "2026-01-01", "p/x:0/days": "7"},
        {"start": "2026-01-01"},
    ),
    ({}, {"p/x": '{"a": [1, null]}'}, {"a": [1, None]}),
    ({"type": "array", "prefixItems": [STRING]}, {"p/x": '["a"]'}, ["a"]),
    (NULLABLE, {"p/x:mode": "null", "p/x:was": "value", "p/x": ""}, None),
]


@pytest.mark.parametrize(("property", "texts", "value"), READ)
def test_texts_are_read_as_the_schema_says(property: Any, texts: Any, value: Any):
    filled = form(property, texts, required=True)

    assert filled.values == {"x": value}
    assert filled.check(), filled.mistakes


@pytest.mark.parametrize(("property", "texts", "value"), READ)
def test_what_is_shown_and_sent_back_untouched_is_the_same(
    property: Any, texts: Any, value: Any
):
    shown = form(property, required=True, values={"x": value})

    back = form(property, as_sent(shown), required=True, values={"x": value})

    if property.get("format") == "date-time":
        assert back.values["x"][:19] == value[:19]
    else:
        assert back.values == {"x": value}


@pytest.mark.parametrize(
    ("property", "texts", "said"),
    [
        (STRING, {"p/x": ""}, "required"),
        ({"type": "integer"}, {"p/x": "1.5"}, "whole number is wanted, found '1.5'"),
        ({"type": "number"}, {"p/x": "nan"}, "number is wanted"),
        ({"type": "integer", "minimum": 5}, {"p/x": "4"}, "less than the minimum"),
        ({"type": "string", "format": "date"}, {"p/x": "soon"}, "A date such as"),
        ({}, {"p/x": '{"a": }'}, "not JSON: Expecting value at line 1, column 7"),
        ({}, {"p/x": "NaN"}, "NaN is no JSON number"),
        ({"type": "boolean"}, {}, "required"),
        ({"enum": ["a", "b"]}, {"p/x": '"c"'}, "is not one of"),
        (STRING | {"pattern": "^a"}, {"p/x": "b"}, "does not match"),
    ],
)
def test_a_mistake_is_said_at_its_control(property: Any, texts: Any, said: str):
    filled = form(property, texts, required=True)

    assert not filled.check()

    (wrong,) = filled.wrong
    assert wrong.name == "p/x"
    assert said in wrong.errors[0]
    drawn = render_to_string("kit/schema/_form.html", {"form": filled, "label": "P"})
    assert 'id="f-p/x-error"' in drawn


def test_a_mistake_deep_inside_stands_there():
    texts = {"p/x/start": "", "p/x/days": "many", "p/x/days:mode": "value"}

    filled = form({"$ref": "#/definitions/Window"}, texts, required=True)

    assert not filled.check()
    assert [one.name for one in filled.wrong] == ["p/x/days"]
    rows = form(NUMBERS, {"p/x:n": "2", "p/x/0": "1", "p/x/1": "b"}, required=True)
    assert not rows.check()
    assert [one.name for one in rows.wrong] == ["p/x/1"]


def test_what_is_required_and_missing_is_missed_at_its_own_place():
    texts = {"p/x/start": "", "p/x/days": "7"}

    filled = form({"$ref": "#/definitions/Window"}, texts, required=True)

    assert not filled.check()
    assert [one.name for one in filled.wrong] == ["p/x/start"]


@pytest.mark.parametrize(
    ("property", "changes", "values"),
    [
        # null, the default and an empty text are three answers
        (NULLABLE | {"default": "eu"}, {}, {}),
        (NULLABLE | {"default": "eu"}, {"p/x": "us"}, {"x": "us"}),
        (NULLABLE | {"default": "eu"}, {"p/x:mode": "null"}, {"x": None}),
        (NULLABLE | {"default": "eu"}, {"p/x:mode": "value"}, {"x": "eu"}),
        (NULLABLE | {"default": "eu"}, {"p/x:mode": "value", "p/x": ""}, {"x": ""}),
        (STRING, {}, {}),
        (STRING, {"p/x": "typed"}, {"x": "typed"}),
        ({"type": "boolean", "default": True}, {"p/x": "false"}, {"x": False}),
        ({"type": "integer", "default": 3}, {"p/x": "4"}, {"x": 4}),
    ],
)
def test_what_is_touched_counts_and_the_rest_is_left_out(
    property: Any, changes: Any, values: Any
):
    filled = form(property, as_sent(form(property), **changes))

    assert filled.values == values
    assert filled.check()


def test_a_default_chosen_again_wins_over_what_was_typed():
    property = STRING | {"default": "eu"}
    typed = form(property, as_sent(form(property), **{"p/x": "us"}))
    again = as_sent(typed) | {"p/x:mode": "default", "p/x": "us"}

    chosen = form(property, again)

    assert chosen.values == {}
    assert chosen.controls[0].text == "eu"


def test_the_deployments_defaults_go_before_the_schemas():
    shown = form(STRING | {"default": "eu"}, required=True, defaults={"x": "us"})

    (control,) = shown.controls
    assert (control.text, control.mode, control.default) == ("us", "default", "us")
    assert not control.required


def test_rows_come_go_and_move():
    texts = {"p/x:n": "2", "p/x/0": "1", "p/x/1": "2"}

    def after(*commands: str) -> Any:
        filled = form(NUMBERS, texts, required=True)
        for command in commands:
            filled.edit(command)
        return [one.text for one in filled.controls[0].inside]

    assert after("add:p/x") == ["1", "2", ""]
    assert after("remove:p/x/0") == ["2"]
    assert after("up:p/x/1") == ["2", "1"]
    assert after("down:p/x/0", "add:p/x", "remove:p/x/1") == ["2", ""]
    assert after("remove:p/x/9") == ["1", "2"]
    assert after("up:p/x/nonsense") == ["1", "2"]


def test_rows_of_objects_keep_what_is_in_them():
    property = {"type": "array", "items": {"$ref": "#/definitions/Window"}}
    value = [{"start": "2026-01-01"}, {"start": "2026-02-02", "days": 3}]
    shown = form(property, required=True, values={"x": value})

    shown.edit("up:p/x/1")

    assert shown.values == {"x": value[::-1]}


def test_form_and_json_hold_the_same_value():
    filled = form(NUMBERS, {"p/x:n": "1", "p/x/0": "7"}, required=True)

    filled.turn("json")
    there = filled.json_text
    back = form(NUMBERS, {"p:view": "json", "p": there}, required=True)
    back.turn("form")

    assert back.view == "form"
    assert back.values == filled.values == {"x": [7]}


def test_json_that_cannot_be_read_stays_and_says_where():
    filled = form(NUMBERS, {"p:view": "json", "p": '{"x": [1,}'}, required=True)

    filled.turn("form")

    assert filled.view == "json"
    assert filled.json_text == '{"x": [1,}'
    assert "line 1, column 10" in filled.homeless[0]
    assert not form(NUMBERS, {"p:view": "json", "p": "[1]"}).check()


def test_no_construct_is_dropped():
    values = {"x": {"next": {"next": {"next": {"next": {"deep": 1}}}}}}
    shown = form({"$ref": "#/definitions/Node"}, required=True, values=values)

    back = form(
        {"$ref": "#/definitions/Node"}, as_sent(shown), required=True, values=values
    )

    assert back.values == values


def test_values_that_do_not_fit_their_control_are_shown_as_json():
    values = {"x": {"not": "a number"}, "unknown": [1]}
    shown = form({"type": "integer"}, required=True, values=values)

    (control,) = shown.controls
    back = form(
        {"type": "integer"},
        as_sent(shown, **{"p:other": shown.other_text}),
        required=True,
        values=values,
    )

    assert control.kind == "json"
    assert back.values == values


@pytest.mark.parametrize("schema", [None, {}, {"type": "object", "properties": {}}])
def test_without_a_schema_there_is_one_json_text(schema: Any):
    shown = SchemaForm(schema, name="p", zone=PARIS, defaults={"a": 1})

    assert not shown.has_form
    assert shown.json_text == '{\n  "a": 1\n}'
    sent = QueryDict(mutable=True)
    sent["p"] = '{"a": 2}'
    filled = SchemaForm(schema, name="p", zone=PARIS, sent=sent)
    assert filled.check()
    assert filled.values == {"a": 2}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"x": True}},
        {"type": "object", "properties": {"x": {"$ref": "#/definitions/Nobody"}}},
        {"type": "object", "properties": {"x": {"$ref": "https://example.org/s"}}},
        {"type": "object", "properties": {"x": {"type": ["string", "integer"]}}},
        {"type": "object", "properties": {"x": {"allOf": [{"a": 1}, {"b": 2}]}}},
        {"type": "object", "properties": {"x": {"type": "array", "items": []}}},
        {"type": "object", "properties": {"x": {"type": "integer", "minimum": "a"}}},
        {"type": "object", "properties": {"x": {"$ref": "#/properties/x"}}},
        {"type": "object", "properties": "nonsense"},
        {"type": 5},
    ],
)
def test_odd_schemas_are_drawn_and_never_break_the_page(schema: Any):
    shown = SchemaForm(schema, name="p", zone=PARIS)

    drawn = render_to_string("kit/schema/_form.html", {"form": shown, "label": "P"})
    shown.check()

    assert "<textarea" in drawn or "<input" in drawn


def test_markup_in_a_schema_is_text():
    shown = form({"type": "string", "title": "<b>", "description": "<script>"})

    drawn = render_to_string("kit/schema/_form.html", {"form": shown, "label": "P"})

    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
