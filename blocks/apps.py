"""The blocks app."""

from __future__ import annotations

from django.apps import AppConfig


class BlocksConfig(AppConfig):
    """Typed configuration documents, encrypted."""

    name = "blocks"
    label = "orion_blocks"
    verbose_name = "Blocks"
