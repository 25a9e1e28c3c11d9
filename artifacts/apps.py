"""The artifacts app."""

from __future__ import annotations

from django.apps import AppConfig


class ArtifactsConfig(AppConfig):
    """Results and other things runs leave behind."""

    name = "artifacts"
    label = "orion_artifacts"
    verbose_name = "Artifacts"
