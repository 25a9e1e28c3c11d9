"""Shapes of block schemas."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.base.paging import Window
from api.base.wire import JsonObject, Text, Wire

Version = Annotated[str, Field(max_length=200)]


class BlockSchemaCreate(Wire):
    """A schema to be made."""

    block_type_id: UUID
    fields: JsonObject = {}
    capabilities: list[Text] = []
    version: Version = "non-versioned"


class BlockSchemaPage(Window):
    """Which schemas to list."""

    block_schemas: JsonObject | None = None
