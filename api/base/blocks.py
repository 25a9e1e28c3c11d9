"""Shapes of blocks that the rooms of types, schemas and documents share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.http import HttpRequest

from api.base.errors import BadBody
from api.base.wire import JsonObject, Wire
from blocks import references
from blocks.models import BlockDocument as DocumentRow
from blocks.models import BlockSchema as SchemaRow
from blocks.models import BlockType as TypeRow
from blocks.references import Opened
from core.criteria import ALL_OF, ANY, Criteria, Field

SCHEMAS = Criteria(
    id=Field("pk", ANY, of=UUID),
    block_type_id=Field("block_type_id", ANY, of=UUID),
    block_capabilities=Field("capabilities", ALL_OF),
    version=Field("version", ANY),
)
YES, NO = {"true", "1", "yes", "on", "t", "y"}, {"false", "0", "no", "off", "f", "n"}


class BlockType(Wire):
    """A kind of blocks."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    slug: str
    logo_url: str | None
    documentation_url: str | None
    description: str | None
    code_example: str | None
    is_protected: bool

    @classmethod
    def of(cls, row: TypeRow) -> Self:
        """From a row."""
        return cls.model_construct(**_columns(cls, row))


class BlockSchema(Wire):
    """The fields of a kind of blocks."""

    id: UUID
    created: datetime
    updated: datetime
    checksum: str
    fields: JsonObject
    block_type_id: UUID
    block_type: BlockType | None
    capabilities: list[str]
    version: str

    @classmethod
    def of(cls, row: SchemaRow) -> Self:
        """From a row that was selected with its type."""
        own = _columns(cls, row, leaving={"block_type"})
        return cls.model_construct(**own, block_type=BlockType.of(row.block_type))


class BlockDocument(Wire):
    """A block, with the blocks within in their place."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    data: JsonObject
    block_schema_id: UUID
    block_schema: BlockSchema | None
    block_type_id: UUID
    block_type_name: str | None
    block_type: BlockType | None
    block_document_references: JsonObject
    is_anonymous: bool

    @classmethod
    def of(cls, block: Opened) -> Self:
        """From an opened block."""
        row = block.row
        return cls.model_construct(
            id=row.pk,
            created=row.created,
            updated=row.updated,
            name=row.name,
            data=block.data,
            block_schema_id=row.block_schema_id,
            block_schema=BlockSchema.of(row.block_schema),
            block_type_id=row.block_type_id,
            block_type_name=row.block_type.name,
            block_type=BlockType.of(row.block_type),
            block_document_references=_within(block),
            is_anonymous=row.is_anonymous,
        )


def shown(rows: Sequence[DocumentRow], *, with_secrets: bool) -> list[BlockDocument]:
    """Blocks as they are answered."""
    opened = references.opened(rows, with_secrets=with_secrets)
    return [BlockDocument.of(block) for block in opened]


def wants_secrets(request: HttpRequest) -> bool:
    """Whether the query says `include_secrets`.

    Raises:
        BadBody: it says neither yes nor no.
    """
    sent = request.GET.get("include_secrets", "false").lower()
    if sent not in YES | NO:
        message = "true or false is wanted"
        detail = {"loc": ["query", "include_secrets"], "msg": message}
        raise BadBody([{**detail, "type": "bool_parsing"}])
    return sent in YES


def _within(block: Opened) -> dict[str, Any]:
    return {
        name: {
            "block_document": {
                "id": child.row.pk,
                "name": child.row.name,
                "block_type": BlockType.of(child.row.block_type),
                "is_anonymous": child.row.is_anonymous,
                "block_document_references": _within(child),
            }
        }
        for name, child in block.within.items()
    }


def _columns(
    shape: type[Wire], row: Any, leaving: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    names = shape.model_fields.keys() - leaving
    return {name: getattr(row, name) for name in names}
