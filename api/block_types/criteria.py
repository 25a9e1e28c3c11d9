"""Filters of block types."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from api.base.blocks import SCHEMAS
from blocks.models import BlockSchema
from core.criteria import ANY, LIKE, Criteria, Field

TYPES = Criteria(name=Field("name", LIKE), slug=Field("slug", ANY))


def condition(types: dict[str, Any] | None, schemas: dict[str, Any] | None) -> Q:
    """What the filters of a list mean; a type needs one schema that fits."""
    found = TYPES.condition(types, ("body", "block_types"))
    if schemas:
        fitting = SCHEMAS.condition(schemas, ("body", "block_schemas"))
        rows = BlockSchema.objects.filter(fitting, block_type=OuterRef("pk"))
        found &= Q(Exists(rows))
    return found
