"""Admin page of artifacts."""

from __future__ import annotations

from django.contrib import admin

from artifacts.models import Artifact
from core.admin import LookOnly


@admin.register(Artifact)
class ArtifactAdmin(LookOnly):
    """What runs left behind, newest first."""

    list_display = ("id", "key", "type", "flow_run_id", "task_run_id", "created")
    list_filter = ("type",)
    search_fields = ("key", "=flow_run_id", "=task_run_id")
    ordering = ("-created",)
