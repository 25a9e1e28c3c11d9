"""Addresses of what operators say about schedules."""

from __future__ import annotations

from django.urls import path

from api.planning import backfills, calendars, holds, previews, waiting

ONE = "deployments/<uuid:id>"

urlpatterns = [
    path(f"{ONE}/preview", previews.PreviewSchedule.as_view()),
    path(
        f"{ONE}/schedules/<uuid:schedule_id>/revert", previews.RevertSchedule.as_view()
    ),
    path(f"{ONE}/care", previews.CareOfDeployment.as_view()),
    path(f"{ONE}/holds", holds.Holds.as_view()),
    path(f"{ONE}/hold", holds.HoldDeployment.as_view()),
    path(f"{ONE}/release", holds.ReleaseDeployment.as_view()),
    path(f"{ONE}/backfills", backfills.BackfillsOfDeployment.as_view()),
    path("backfills/<uuid:id>", backfills.OneBackfill.as_view()),
    path("backfills/<uuid:id>/pause", backfills.PauseBackfill.as_view()),
    path("backfills/<uuid:id>/resume", backfills.ResumeBackfill.as_view()),
    path("backfills/<uuid:id>/cancel", backfills.CancelBackfill.as_view()),
    path("calendars", calendars.Calendars.as_view()),
    path("calendars/<uuid:id>", calendars.OneCalendar.as_view()),
    path("waiting", waiting.WaitingRuns.as_view()),
]
