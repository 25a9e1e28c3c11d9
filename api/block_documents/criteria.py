"""Filters and sorts of blocks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from core.criteria import ALL_OF, ANY, EQUAL, LIKE, Criteria, Field

DOCUMENTS = Criteria(
    id=Field("pk", ANY, of=UUID),
    name=Field("name", ANY, LIKE),
    block_type_id=Field("block_type_id", ANY, of=UUID),
    is_anonymous=Field("is_anonymous", EQUAL, of=bool),
)
TYPES = Criteria(
    name=Field("block_type__name", LIKE), slug=Field("block_type__slug", ANY)
)
SCHEMAS = Criteria(
    id=Field("block_schema_id", ANY, of=UUID),
    block_type_id=Field("block_schema__block_type_id", ANY, of=UUID),
    block_capabilities=Field("block_schema__capabilities", ALL_OF),
    version=Field("block_schema__version", ANY),
)
SORTS = {
    "NAME_ASC": ("name", "id"),
    "NAME_DESC": ("-name", "-id"),
    "BLOCK_TYPE_AND_NAME_ASC": ("block_type__name", "name", "id"),
}


def condition(
    documents: dict[str, Any] | None,
    types: dict[str, Any] | None,
    schemas: dict[str, Any] | None,
) -> Q:
    """What the filters of a list mean; anonymous blocks must be asked for."""
    found = DOCUMENTS.condition(documents, ("body", "block_documents"))
    if documents is None or "is_anonymous" not in documents:
        found &= Q(is_anonymous=False)
    found &= TYPES.condition(types, ("body", "block_types"))
    return found & SCHEMAS.condition(schemas, ("body", "block_schemas"))
