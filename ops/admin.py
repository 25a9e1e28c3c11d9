"""Admin page of the loops."""

from __future__ import annotations

from django.contrib import admin

from core.admin import LookOnly
from ops.models import CountedUpTo, LoopPulse, TransitionCount


@admin.register(LoopPulse)
class LoopPulseAdmin(LookOnly):
    """What each loop did last."""

    list_display = ("name", "process", "last_tick", "last_success", "last_error_at")
    list_filter = ("name",)
    ordering = ("name", "-last_tick")


@admin.register(TransitionCount)
class TransitionCountAdmin(LookOnly):
    """How many transitions were counted."""

    list_display = ("kind", "state_type", "number")
    list_filter = ("kind", "state_type")
    search_fields = ("kind", "state_type")
    ordering = ("kind", "state_type")


@admin.register(CountedUpTo)
class CountedUpToAdmin(LookOnly):
    """How far the counting has come in the feed."""

    list_display = ("counted", "seen", "seen_at")
    search_fields = ("counted",)
    ordering = ("pk",)
