"""Admin pages of deployments: looked at here, changed by their services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.actor import OWNER
from core.admin import LookOnly
from core.clock import now
from core.dialect import THREE
from deployments import services
from deployments.models import Backfill, Calendar, Deployment, Hold, Schedule


@admin.register(Deployment)
class DeploymentAdmin(LookOnly):
    """Deployments; pausing and resuming re-plan their runs."""

    list_display = ("name", "flow", "paused", "work_queue", "version", "updated")
    list_filter = ("paused", "work_queue__pool")
    list_select_related = ("flow", "work_queue")
    search_fields = ("name", "flow__name")
    actions = ("pause", "resume")

    @admin.action(description="Pause: make no more runs", permissions=["view"])
    def pause(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Make no more runs."""
        for row in rows:
            services.pause(row.pk, actor=OWNER, dialect=THREE, now=now())
        messages.success(request, f"{len(rows)} paused")

    @admin.action(description="Resume: make runs again", permissions=["view"])
    def resume(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Make runs again."""
        for row in rows:
            services.resume(row.pk, actor=OWNER, dialect=THREE, now=now())
        messages.success(request, f"{len(rows)} resumed")


@admin.register(Schedule)
class ScheduleAdmin(LookOnly):
    """Schedules and how far they are planned."""

    list_display = ("deployment", "schedule", "active", "planned_until", "plan_after")
    list_filter = ("active", "catchup")
    list_select_related = ("deployment",)
    search_fields = ("deployment__name", "slug")


@admin.register(Hold)
class HoldAdmin(LookOnly):
    """What operators hold back; deployments are resumed on their own page."""

    list_display = ("deployment", "schedule_identity", "reason", "created")
    list_select_related = ("deployment",)
    search_fields = ("deployment__name", "reason")


@admin.register(Calendar)
class CalendarAdmin(LookOnly):
    """When schedules rest."""

    list_display = ("name", "zone", "weekdays", "updated")
    search_fields = ("name",)


@admin.register(Backfill)
class BackfillAdmin(LookOnly):
    """Spans of the past that are made."""

    list_display = ("deployment", "start", "end", "status", "limit", "made_until")
    list_filter = ("status",)
    list_select_related = ("deployment",)
    search_fields = ("deployment__name",)
