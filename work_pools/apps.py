"""The work_pools app."""

from __future__ import annotations

from django.apps import AppConfig


class WorkPoolsConfig(AppConfig):
    """Pools, queues, workers and the hand-out of due runs."""

    name = "work_pools"
    label = "orion_work_pools"
    verbose_name = "Work pools"
