"""Verbs on block types, block schemas and blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError

from blocks import checksums, crypto, references, secrets
from blocks.models import BlockDocument, BlockSchema, BlockType
from core import changes
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound, Refused
from core.querysets import OrionQuerySet
from core.sql import write

RESERVED = "prefect"  # names that begin so belong to the clients' makers


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A block to be made."""

    block_type_id: UUID
    block_schema_id: UUID
    data: Mapping[str, Any]
    name: str | None = None
    is_anonymous: bool = False


def create_type(new: BlockType, *, actor: Actor) -> BlockType:
    """Store a new block type.

    Raises:
        Refused: its name is reserved.
        Conflict: its slug is taken.
    """
    if new.name.lower().startswith(RESERVED):
        raise Refused("Block type names beginning with 'Prefect' are reserved.")
    new.workspace_id = actor.workspace_id
    try:
        with write():
            new.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f'Block type with name "{new.name}" already exists') from error
    return new


def change_type(block_type: BlockType, sent: Mapping[str, Any]) -> None:
    """Change how a type describes itself."""
    with write():
        changes.apply(block_type, sent)


def delete_type(block_type: BlockType) -> None:
    """Remove a type with its schemas and blocks.

    Raises:
        Refused: it is one of those that clients cannot do without.
    """
    if block_type.is_protected:
        raise Refused("protected block types cannot be deleted.")
    with write():
        block_type.delete()


def delete_schema(schema: BlockSchema) -> None:
    """Remove a schema with the blocks that have its fields."""
    with write():
        schema.delete()


def capabilities(actor: Actor) -> list[str]:
    """What blocks can do, as far as any schema says."""
    lists = BlockSchema.objects.visible_to(actor).values_list("capabilities", flat=True)
    return sorted({one for capabilities in lists for one in capabilities})


def ensure_schema(
    fields: dict[str, Any],
    *,
    block_type_id: UUID,
    capabilities: Sequence[str],
    version: str,
    actor: Actor,
) -> tuple[BlockSchema, bool]:
    """The schema with these fields and version, and whether this call made it.

    Raises:
        NotFound: there is no such block type.
        Conflict: the fields hold blocks of an unknown type.
    """
    types = BlockType.objects.visible_to(actor)
    if not types.filter(pk=block_type_id).exists():
        raise NotFound(f"Block type {block_type_id} not found.")
    slugs = checksums.slugs_of_nested(fields)
    missing = slugs - set(types.filter(slug__in=slugs).values_list("slug", flat=True))
    if missing:
        raise Conflict(
            f"The schema holds blocks of the type {min(missing)!r}, which does not "
            "exist. Register that type first."
        )
    checksum = checksums.checksum(fields)
    rows = BlockSchema.objects.visible_to(actor)
    rows = rows.filter(checksum=checksum, version=version).select_related("block_type")
    if found := rows.first():
        return found, False
    new = BlockSchema(
        workspace_id=actor.workspace_id,
        block_type_id=block_type_id,
        checksum=checksum,
        version=version,
        fields=fields,
        capabilities=list(dict.fromkeys(capabilities)),
    )
    try:
        with write():
            new.save(force_insert=True)
    except IntegrityError:  # another process was first
        return rows.get(), False
    return rows.get(), True


def create_document(new: NewDocument, *, actor: Actor) -> BlockDocument:
    """Store a new block.

    Raises:
        Invalid: it has no name, or refers to what is not there.
        NotFound: its type or schema is unknown.
        Conflict: its name is taken.
    """
    name = f"anonymous-{uuid4()}" if new.is_anonymous else new.name
    if not name:
        raise Invalid("Names must be provided for block documents.")
    schemas = BlockSchema.objects.visible_to(actor)
    schema = schemas.filter(pk=new.block_schema_id).first()
    if schema is None:
        raise NotFound("Block schema not found")
    if schema.block_type_id != new.block_type_id:
        raise Invalid("The block schema belongs to another block type.")
    plain, wanted = references.parted(new.data)
    row = BlockDocument(
        workspace_id=actor.workspace_id,
        name=name,
        block_type_id=schema.block_type_id,
        block_schema=schema,
        is_anonymous=new.is_anonymous,
        sealed=crypto.seal(plain),
    )
    try:
        with write():
            row.save(force_insert=True)
            if wanted:
                references.replace(row, wanted, actor=actor)
    except IntegrityError as error:
        raise Conflict("Block already exists") from error
    return row


def change_document(
    row: BlockDocument,
    data: Mapping[str, Any] | None,
    *,
    block_schema_id: UUID | None,
    keep_rest: bool,
    actor: Actor,
) -> None:
    """Change a block's data, or part of it; stars keep the secret that is stored.

    Raises:
        Refused: the schema is of another type, or the block would contain itself.
        Invalid: a reference names no block.
    """
    with write():
        row = documents(actor).locked().get(pk=row.pk)
        if block_schema_id and block_schema_id != row.block_schema_id:
            row.block_schema = _schema_of_same_type(row, block_schema_id, actor)
        if data is not None:
            _change_data(row, data, keep_rest=keep_rest, actor=actor)
        row.save(update_fields=["sealed", "block_schema"])


def delete_document(row: BlockDocument) -> None:
    """Remove a block; fields of other blocks that held it become empty."""
    with write():
        row.delete()


def documents(actor: Actor) -> OrionQuerySet[BlockDocument]:
    """The blocks an actor may see, with type and schema."""
    rows: OrionQuerySet[BlockDocument] = BlockDocument.objects.visible_to(actor)
    return rows.select_related("block_type", "block_schema__block_type")


def _schema_of_same_type(row: BlockDocument, id: UUID, actor: Actor) -> BlockSchema:
    schema = BlockSchema.objects.visible_to(actor).filter(pk=id).first()
    if schema is None or schema.block_type_id != row.block_type_id:
        raise Refused(
            "Must migrate block document to a block schema of the same block type."
        )
    return schema


def _change_data(
    row: BlockDocument, data: Mapping[str, Any], *, keep_rest: bool, actor: Actor
) -> None:
    plain, wanted = references.parted(data)
    stored = crypto.unseal(row.sealed)
    paths = secrets.paths_of(row.block_schema.fields)
    plain = secrets.unmasked(plain, stored, paths)
    held = {one.field: one.child_id for one in row.references.all()}
    if keep_rest:
        rest = {name: id for name, id in held.items() if name not in plain}
        wanted = rest | wanted
        plain = {k: v for k, v in (stored | plain).items() if k not in wanted}
    if wanted != held:
        references.replace(row, wanted, actor=actor)
    row.sealed = crypto.seal(plain)
