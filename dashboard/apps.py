"""The dashboard app."""

from __future__ import annotations

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Server-rendered pages."""

    name = "dashboard"
    label = "orion_dashboard"
