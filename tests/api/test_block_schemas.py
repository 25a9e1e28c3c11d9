from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from blocks.checksums import checksum

FIELDS = {
    "title": "Door Key",
    "type": "object",
    "properties": {"value": {"type": "string"}},
    "secret_fields": ["value"],
}


@pytest.fixture
def key(api):
    sent = {"name": "Door Key", "slug": "door-key"}
    return api.post("/block_types/", sent).json


def test_a_schema_is_made_once_for_each_version(api, key):
    body = {"block_type_id": key["id"], "fields": FIELDS, "capabilities": ["open"]}

    replies = [
        api.post("/block_schemas/", {**body, "version": version})
        for version in (None, None, "1.0")
    ]

    assert [reply.status for reply in replies] == [201, 200, 201]
    first, again, versioned = (reply.json for reply in replies)
    assert first == again
    assert first["checksum"] == versioned["checksum"] == checksum(FIELDS)
    assert (first["version"], versioned["version"]) == ("non-versioned", "1.0")
    assert first["fields"] == FIELDS
    assert first["block_type"]["slug"] == "door-key"
    assert first["capabilities"] == ["open"]


def test_a_schema_is_found_by_checksum_and_version(api, key):
    body = {"block_type_id": key["id"], "fields": FIELDS}
    old = api.post("/block_schemas/", {**body, "version": "1.0"}).json
    new = api.post("/block_schemas/", {**body, "version": "2.0"}).json
    path = f"/block_schemas/checksum/{old['checksum']}"

    assert api.get(path).json == new
    assert api.get(f"{path}?version=1.0").json == old
    assert api.get(f"{path}?version=3.0").status == 404
    assert api.get(f"/block_schemas/{old['id']}").json == old


@pytest.mark.parametrize("path", ["checksum/sha256:0", str(UUID(int=0))])
def test_a_missing_schema_is_said_to_be_missing(api, path):
    reply = api.get(f"/block_schemas/{path}")

    assert (reply.status, reply.json) == (404, {"detail": "Block schema not found"})


def test_a_schema_of_an_unknown_type_is_refused(api):
    body = {"block_type_id": str(uuid4()), "fields": FIELDS}

    assert api.post("/block_schemas/", body).status == 404


def test_a_schema_that_holds_blocks_of_an_unknown_type_is_refused(api, key):
    reference = {"block_type_slug": "lock", "block_schema_checksum": "sha256:1"}
    fields = {**FIELDS, "block_schema_references": {"lock": reference}}
    body = {"block_type_id": key["id"], "fields": fields}

    refused = api.post("/block_schemas/", body)
    api.post("/block_types/", {"name": "Lock", "slug": "lock"})

    assert refused.status == 409
    assert "'lock'" in refused.json["detail"]
    assert api.post("/block_schemas/", body).status == 201


@pytest.mark.parametrize("fields", [[], "text", 7])
def test_fields_must_be_an_object(api, key, fields):
    body = {"block_type_id": key["id"], "fields": fields}

    assert api.post("/block_schemas/", body).wrong == [["body", "fields"]]


@pytest.mark.parametrize(
    "fields",
    [
        {"definitions": 7},
        {"definitions": {"M": 7}, "properties": {"a": {"$ref": "#/definitions/M"}}},
        {"properties": {"a": {"$ref": 7}}},
        {"block_schema_references": []},
        {"secret_fields": 7},
    ],
)
def test_odd_fields_are_stored_as_they_are(api, key, fields):
    body = {"block_type_id": key["id"], "fields": fields}

    reply = api.post("/block_schemas/", body)

    assert (reply.status, reply.json["fields"]) == (201, fields)
