"""The flows app."""

from __future__ import annotations

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """Flows: names under which runs are grouped."""

    name = "flows"
    label = "orion_flows"
    verbose_name = "Flows"
