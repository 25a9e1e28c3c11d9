"""Tables of blocks."""

from blocks.models.document import BlockDocument, BlockReference
from blocks.models.schema import BlockSchema
from blocks.models.type import BlockType

__all__ = ["BlockDocument", "BlockReference", "BlockSchema", "BlockType"]
