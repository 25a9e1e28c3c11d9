"""What the fields of a kind of blocks are."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned


class BlockSchema(Owned):
    """One version of a type's fields, as a JSON Schema; its checksum names it."""

    block_type = models.ForeignKey(
        "BlockType", on_delete=models.CASCADE, related_name="schemas"
    )
    checksum = models.CharField(max_length=100)
    version = models.CharField(max_length=200, default="non-versioned")
    fields = models.JSONField(default=dict)
    capabilities = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "workspace", "checksum", "version", name="orion_block_schema_checksum"
            ),
        ]

    def __str__(self) -> str:
        return self.checksum
