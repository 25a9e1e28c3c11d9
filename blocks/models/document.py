"""Blocks: named values of a type, encrypted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned, Row


class BlockDocument(Owned):
    """One block. Fields that hold another block are rows of `BlockReference`."""

    name = models.CharField(max_length=1024)
    block_type = models.ForeignKey(
        "BlockType", on_delete=models.CASCADE, related_name="documents"
    )
    block_schema = models.ForeignKey(
        "BlockSchema", on_delete=models.CASCADE, related_name="documents"
    )
    is_anonymous = models.BooleanField(default=False)
    sealed = models.TextField()  # the data: one Fernet token over its JSON

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "block_type", "name", name="orion_block_document_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BlockReference(Row):
    """A field of one block whose value is another block."""

    parent = models.ForeignKey(
        "BlockDocument", on_delete=models.CASCADE, related_name="references"
    )
    child = models.ForeignKey(
        "BlockDocument", on_delete=models.CASCADE, related_name="referenced_by"
    )
    field = models.CharField(max_length=1024)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("parent", "field", name="orion_block_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.parent_id}"
