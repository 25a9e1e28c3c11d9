"""Admin pages of blocks. What a block holds is sealed and not shown here."""

from __future__ import annotations

from django.contrib import admin

from blocks.models import BlockDocument, BlockReference, BlockSchema, BlockType
from core.admin import LookOnly


@admin.register(BlockType)
class BlockTypeAdmin(LookOnly):
    """Kinds of blocks."""

    list_display = ("name", "slug", "is_protected", "updated")
    list_filter = ("is_protected",)
    search_fields = ("name", "slug")


@admin.register(BlockSchema)
class BlockSchemaAdmin(LookOnly):
    """Versions of the fields of a kind."""

    list_display = ("checksum", "block_type", "version", "created")
    list_filter = ("block_type",)
    list_select_related = ("block_type",)
    search_fields = ("checksum",)


@admin.register(BlockDocument)
class BlockDocumentAdmin(LookOnly):
    """Blocks, without their contents."""

    list_display = ("name", "block_type", "is_anonymous", "updated")
    list_filter = ("block_type", "is_anonymous")
    list_select_related = ("block_type",)
    search_fields = ("name",)
    exclude = ("sealed",)


@admin.register(BlockReference)
class BlockReferenceAdmin(LookOnly):
    """Fields whose value is another block."""

    list_display = ("field", "parent", "child")
    list_select_related = ("parent", "child")
    search_fields = ("field",)
