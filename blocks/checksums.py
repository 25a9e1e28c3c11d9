"""The name that clients and server give a block schema, computed from its fields."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

REFERENCES = "block_schema_references"
SECRETS = "secret_fields"


def checksum(fields: dict[str, Any]) -> str:
    """The checksum of a schema.

    Secret fields and the definitions of nested blocks do not count: those have
    checksums of their own, which the references name.
    """
    counted = _own(_without_secrets(fields))
    # clients hash the arguments of a call: one positional, no keywords
    text = json.dumps([[counted], {}], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def slugs_of_nested(fields: dict[str, Any]) -> set[str]:
    """The slugs of the block types that the fields may hold."""
    found = _references(fields)
    slugs = (reference.get("block_type_slug") for reference in found)
    return {slug for slug in slugs if isinstance(slug, str)}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_secrets(v) for k, v in value.items() if k != SECRETS}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return value


def _references(fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sent = fields.get(REFERENCES)
    for given in sent.values() if isinstance(sent, dict) else ():
        for reference in given if isinstance(given, list) else [given]:
            if isinstance(reference, dict):
                yield reference


def _own(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with just those definitions that are used, say something, and are no
    blocks."""
    definitions = fields.get("definitions")
    rest = {key: value for key, value in fields.items() if key != "definitions"}
    if not isinstance(definitions, dict):
        return rest
    waiting, used = set(_names(rest)), set[str]()
    while waiting:
        name = waiting.pop()
        used.add(name)
        waiting |= set(_names(definitions.get(name))) - used
    kept = {
        name: definition
        for name, definition in definitions.items()
        if name in used and definition and not _is_block(definition)
    }
    return {**rest, "definitions": kept} if kept else rest


def _is_block(definition: Any) -> bool:
    return isinstance(definition, dict) and "block_type_slug" in definition


def _names(value: Any) -> Iterator[str]:
    """The definitions that a schema refers to."""
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str):
            yield target.removeprefix("#/definitions/")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
