"""The api app."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST API: one contract, one room per resource."""

    name = "api"
    label = "orion_api"
