"""Shapes of block types."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.base.paging import Window
from api.base.wire import JsonObject, Name, Slug, Wire

Url = Annotated[str, Field(max_length=2083)]


class BlockTypeUpdate(Wire):
    """How a type describes itself."""

    logo_url: Url | None = None
    documentation_url: Url | None = None
    description: str | None = None
    code_example: str | None = None


class BlockTypeCreate(BlockTypeUpdate):
    """A type to be made."""

    name: Name
    slug: Slug


class BlockTypePage(Window):
    """Which types to list."""

    block_types: JsonObject | None = None
    block_schemas: JsonObject | None = None
