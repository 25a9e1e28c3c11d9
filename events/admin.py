"""Admin pages of events."""

from __future__ import annotations

from django.contrib import admin

from core.admin import LookOnly
from events.models import Event, InboxFrame


@admin.register(Event)
class EventAdmin(LookOnly):
    """The feed, newest first."""

    list_display = ("seq", "occurred", "event", "resource_id", "flow_run_id")
    search_fields = ("event", "resource_id")
    ordering = ("-seq",)
    date_hierarchy = None


@admin.register(InboxFrame)
class InboxFrameAdmin(LookOnly):
    """Frames that wait to be worked in."""

    list_display = ("seq", "received", "attempts", "not_before")
    list_filter = ("attempts",)
    ordering = ("seq",)
