"""Admin page of log lines."""

from __future__ import annotations

from django.contrib import admin

from core.admin import LookOnly
from logs.models import Log


@admin.register(Log)
class LogAdmin(LookOnly):
    """Lines, newest first; search by the id of a run."""

    list_display = ("timestamp", "level", "name", "__str__", "flow_run_id")
    list_filter = ("level",)
    search_fields = ("=flow_run_id", "=task_run_id")
    search_help_text = "The id of a flow run or of a task run"
    ordering = ("-timestamp",)
