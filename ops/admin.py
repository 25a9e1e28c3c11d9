"""Admin page of the loops."""

from __future__ import annotations

from django.contrib import admin

from core.admin import LookOnly
from ops.models import LoopPulse


@admin.register(LoopPulse)
class LoopPulseAdmin(LookOnly):
    """What each loop did last."""

    list_display = ("name", "process", "last_tick", "last_success", "last_error_at")
    list_filter = ("name",)
    ordering = ("name", "-last_tick")
