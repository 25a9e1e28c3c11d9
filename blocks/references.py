"""Blocks within blocks: fields whose value is another block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from blocks import crypto, secrets
from blocks.models import BlockDocument, BlockReference
from core.actor import Actor
from core.errors import Invalid, Refused

DEPTH = 50  # levels of blocks within blocks
MOST = 1000  # blocks within one, each place counted
WANTED = '{"$ref": {"block_document_id": "<id>"}}'


@dataclass(frozen=True, slots=True)
class Opened:
    """A block as it is shown: the data of the blocks within is in its place."""

    row: BlockDocument
    data: dict[str, Any]
    within: dict[str, Opened] = field(default_factory=dict)


def parted(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, UUID]]:
    """Plain values, and the ids of the blocks that fields refer to.

    Raises:
        Invalid: a reference names no block.
    """
    plain: dict[str, Any] = {}
    found: dict[str, UUID] = {}
    for name, value in data.items():
        if isinstance(value, dict) and "$ref" in value:
            found[name] = _id(name, value["$ref"])
        else:
            plain[name] = value
    return plain, found


def replace(parent: BlockDocument, wanted: Mapping[str, UUID], *, actor: Actor) -> None:
    """Make these the references of a block.

    Raises:
        Invalid: a block does not exist.
        Refused: a block would contain itself, or too many others.
    """
    ids = set(wanted.values())
    known = BlockDocument.objects.visible_to(actor).filter(pk__in=ids)
    missing = ids - set(known.values_list("pk", flat=True))
    if missing:
        raise Invalid(f"No block document has the id {min(missing)}.")
    if parent.pk in ids | _below(ids):
        raise Refused("A block cannot contain itself, directly or through another.")
    parent.references.all().delete()
    BlockReference.objects.bulk_create(
        BlockReference(parent=parent, child_id=id, field=name)
        for name, id in wanted.items()
    )
    opened([parent], with_secrets=True)  # or it is too much


def opened(rows: Sequence[BlockDocument], *, with_secrets: bool) -> list[Opened]:
    """Blocks with the blocks within; one query for each level."""
    children: dict[UUID, dict[str, BlockDocument]] = defaultdict(dict)
    level = {row.pk for row in rows}
    seen: set[UUID] = set()
    for _ in range(DEPTH):
        level -= seen
        if not level:
            break
        seen |= level
        found = BlockReference.objects.filter(parent_id__in=level).select_related(
            "child__block_schema", "child__block_type"
        )
        level = set()
        for reference in found.order_by("field"):
            children[reference.parent_id][reference.field] = reference.child
            level.add(reference.child_id)
    return [_Opening(children, with_secrets).open(row, DEPTH) for row in rows]


class _Opening:
    """Opens one block and all within it, which may be the same ones many times."""

    def __init__(
        self,
        children: Mapping[UUID, Mapping[str, BlockDocument]],
        with_secrets: bool,
    ) -> None:
        self._children = children
        self._with_secrets = with_secrets
        self._left = MOST

    def open(self, row: BlockDocument, depth: int) -> Opened:
        """The block, and those within down to a depth."""
        self._left -= 1
        if not self._left:
            raise Refused(f"The block holds more than {MOST} other blocks.")
        data = crypto.unseal(row.sealed)
        children = self._children.get(row.pk, {}) if depth else {}
        within = {n: self.open(child, depth - 1) for n, child in children.items()}
        data |= {name: child.data for name, child in within.items()}
        if not self._with_secrets:
            data = secrets.masked(data, secrets.paths_of(row.block_schema.fields))
        return Opened(row, data, within)


def _below(ids: Iterable[UUID]) -> set[UUID]:
    """Every block that these contain."""
    found: set[UUID] = set()
    level = set(ids)
    while level:
        rows = BlockReference.objects.filter(parent_id__in=level)
        level = set(rows.values_list("child_id", flat=True)) - found
        found |= level
    return found


def _id(name: str, reference: Any) -> UUID:
    try:
        return UUID(reference["block_document_id"])
    except (TypeError, KeyError, ValueError, AttributeError):
        raise Invalid(
            f"Field {name!r} refers to a block; {WANTED} is wanted."
        ) from None
