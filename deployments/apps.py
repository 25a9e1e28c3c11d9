"""The deployments app."""

from __future__ import annotations

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    """What to run and when: deployments, schedules, the planner."""

    name = "deployments"
    label = "orion_deployments"
    verbose_name = "Deployments"
