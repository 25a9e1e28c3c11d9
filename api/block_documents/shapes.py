"""Shapes of blocks that only this room speaks."""

from __future__ import annotations

from uuid import UUID

from api.base.paging import Window
from api.base.wire import JsonObject, Slug, Wire


class BlockDocumentCreate(Wire):
    """A block to be made; anonymous ones get a name."""

    name: Slug | None = None
    data: JsonObject = {}
    block_schema_id: UUID
    block_type_id: UUID
    is_anonymous: bool = False


class BlockDocumentUpdate(Wire):
    """What to change. The rest of the data stays, unless told otherwise."""

    block_schema_id: UUID | None = None
    data: JsonObject | None = None
    merge_existing_data: bool = True


class BlockDocumentFilters(Wire):
    """Which blocks are meant."""

    block_documents: JsonObject | None = None
    block_types: JsonObject | None = None
    block_schemas: JsonObject | None = None


class BlockDocumentPage(Window, BlockDocumentFilters):
    """Which blocks to list."""

    include_secrets: bool = False
    sort: str | None = None
