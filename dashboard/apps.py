"""The dashboard's app."""

from __future__ import annotations

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages for people."""

    name = "dashboard"
    label = "orion_dashboard"
    verbose_name = "Dashboard"
