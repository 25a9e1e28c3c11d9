"""The concurrency app."""

from __future__ import annotations

from django.apps import AppConfig


class ConcurrencyConfig(AppConfig):
    """Limits and the leases that hold their slots."""

    name = "concurrency"
    label = "orion_concurrency"
    verbose_name = "Concurrency"
