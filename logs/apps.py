"""The logs app."""

from __future__ import annotations

from django.apps import AppConfig


class LogsConfig(AppConfig):
    """Log lines of runs."""

    name = "logs"
    label = "orion_logs"
    verbose_name = "Logs"
