"""The runs app."""

from __future__ import annotations

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Flow runs, task runs, their states and the transition engine."""

    name = "runs"
    label = "orion_runs"
    verbose_name = "Runs"
