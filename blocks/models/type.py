"""Kinds of blocks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned


class BlockType(Owned):
    """What a block is for, as its author describes it."""

    name = models.CharField(max_length=1024)
    slug = models.CharField(max_length=1024)
    logo_url = models.TextField(null=True)
    documentation_url = models.TextField(null=True)
    description = models.TextField(null=True)
    code_example = models.TextField(null=True)
    is_protected = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workspace", "slug", name="orion_block_type_slug"),
        ]

    def __str__(self) -> str:
        return self.name
