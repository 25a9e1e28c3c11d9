"""The ops app."""

from __future__ import annotations

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """The whole system: health, loops, commands."""

    name = "ops"
    label = "orion_ops"
    verbose_name = "Operations"
