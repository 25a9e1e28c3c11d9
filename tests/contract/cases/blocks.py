"""Block types, schemas and documents, as agents of 2.x and their tools use them."""

from __future__ import annotations

from tests.contract.script import delete, get, patch, post
from tests.golden.script import case

TYPE = {"name": "Kind $token", "slug": "kind-$token"}
FIELDS = {
    "title": "Kind",
    "type": "object",
    "properties": {"a": {"type": "string"}, "p": {"type": "string"}},
    "required": ["a"],
    "block_type_slug": "kind-$token",
    "secret_fields": ["p"],
    "block_schema_references": {},
}
SCHEMA = {
    "fields": FIELDS,
    "block_type_id": "$type",
    "capabilities": ["cap-$token"],
    "version": "1",
}
BLOCK = {
    "name": "one-$token",
    "data": {"a": "x", "p": "hidden"},
    "block_schema_id": "$schema",
    "block_type_id": "$type",
}
MADE = (
    post("/block_types/", TYPE, type="id"),
    post("/block_schemas/", SCHEMA, schema="id"),
    post("/block_documents/", BLOCK, block="id"),
)
BY_SLUG = {"block_types": {"slug": {"any_": ["kind-$token"]}}}

CASES = [
    case(
        "blocks/made and read",
        *MADE,
        get("/block_types/slug/kind-$token"),
        get("/block_types/$type"),
        get("/block_schemas/$schema"),
        get("/block_documents/$block"),
        get("/block_documents/$block?include_secrets=true"),
        get("/block_types/slug/kind-$token/block_documents"),
        get("/block_types/slug/kind-$token/block_documents/name/one-$token"),
        post("/block_types/", TYPE),
        post("/block_schemas/", SCHEMA),
        post("/block_documents/", BLOCK),
    ),
    case(
        "blocks/found and counted",
        *MADE,
        post(
            "/block_types/filter",
            {"block_types": {"name": {"like_": "Kind $token"}}},
        ),
        post(
            "/block_types/filter",
            {"block_schemas": {"block_capabilities": {"all_": ["cap-$token"]}}},
        ),
        post(
            "/block_schemas/filter",
            {"block_schemas": {"block_type_id": {"any_": ["$type"]}}},
        ),
        post(
            "/block_schemas/filter",
            {"block_schemas": {"block_capabilities": {"all_": ["cap-$token"]}}},
        ),
        post("/block_documents/filter", BY_SLUG),
        post("/block_documents/filter", {**BY_SLUG, "include_secrets": True}),
        post(
            "/block_documents/count",
            {"block_documents": {"block_type_id": {"any_": ["$type"]}}},
        ),
        post("/block_documents/count", BY_SLUG),
    ),
    case(
        "blocks/anonymous",
        *MADE[:2],
        post(
            "/block_documents/",
            {k: v for k, v in BLOCK.items() if k != "name"},
        ),
        post("/block_documents/filter", BY_SLUG),
    ),
    case(
        "blocks/changed and deleted",
        *MADE,
        patch("/block_documents/$block", {"data": {"a": "y"}}),
        get("/block_documents/$block?include_secrets=true"),
        patch("/block_types/$type", {"description": "words"}),
        get("/block_types/$type"),
        delete("/block_documents/$block"),
        delete("/block_documents/$block"),
        get("/block_documents/$block"),
        delete("/block_schemas/$schema"),
        delete("/block_schemas/$schema"),
        get("/block_schemas/$schema"),
        delete("/block_types/$type"),
        delete("/block_types/$type"),
        get("/block_types/slug/kind-$token"),
    ),
    case(
        "blocks/of nobody",
        get("/block_types/$nobody"),
        get("/block_schemas/$nobody"),
        get("/block_documents/$nobody"),
        get("/block_schemas/checksum/sha256:nothing"),
        post("/block_schemas/", {**SCHEMA, "block_type_id": "$nobody"}),
        post("/block_types/", {"name": "Prefect $token", "slug": "prefect-$token"}),
    ),
]
