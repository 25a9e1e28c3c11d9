"""Checksums are those that clients compute; recorded ones are the proof."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from blocks.checksums import checksum, slugs_of_nested

RECORDED = json.loads(
    (Path(__file__).parent / "recorded_schemas.json").read_text("utf-8")
)
MODEL = {"type": "object", "properties": {"a": {"type": "string"}}}


def to(name: str) -> dict[str, str]:
    return {"$ref": f"#/definitions/{name}"}


def fields(properties: dict[str, object], definitions: dict[str, object] | None = None):
    base = {"title": "A", "type": "object", "block_schema_references": {}}
    if definitions is not None:
        base["definitions"] = definitions
    return {**base, "properties": properties}


def hashed(counted: dict[str, object]) -> str:
    """All of it counts."""
    text = json.dumps([[counted], {}], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@pytest.mark.parametrize("schema", RECORDED, ids=lambda s: f"{s['client']} {s['name']}")
def test_the_checksum_is_the_clients(schema):
    assert checksum(schema["fields"]) == schema["checksum"]


@pytest.mark.parametrize(
    ("definitions", "counted"),
    [
        ({"M": MODEL}, ["M"]),
        ({"M": MODEL, "Unused": MODEL}, ["M"]),
        ({"M": {}}, []),
        ({"M": {**MODEL, "block_type_slug": "m"}}, []),
        ({"M": {"anyOf": [to("N")]}, "N": MODEL}, ["M", "N"]),
        ({"M": {"block_type_slug": "m", "items": to("N")}, "N": MODEL}, ["N"]),
        ({"M": {"properties": {"m": to("M")}}}, ["M"]),
        ({"M": 7}, ["M"]),
        ({"Other": MODEL}, []),
    ],
)
def test_definitions_count_when_used_and_no_blocks(definitions, counted):
    rest = {name: definitions[name] for name in counted}
    properties = {"m": {"items": [to("M")]}}

    found = checksum(fields(properties, definitions))

    assert found == hashed(fields(properties, rest or None))


def test_secret_fields_do_not_count_and_descriptions_do():
    plain = fields({"a": {"type": "string"}})

    assert checksum({**plain, "secret_fields": ["a"]}) == checksum(plain)
    assert checksum({**plain, "description": "x"}) != checksum(plain)


def test_nested_types_are_those_that_references_name():
    one, two = {"block_type_slug": "one"}, {"block_type_slug": "two"}
    references = {"a": one, "b": [one, two], "c": "odd", "d": {"block_type_slug": 7}}

    assert slugs_of_nested({"block_schema_references": references}) == {"one", "two"}
    assert slugs_of_nested({"block_schema_references": ["odd"]}) == set()
