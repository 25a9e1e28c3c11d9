"""Addresses of the deployment room."""

from __future__ import annotations

from django.urls import path

from dashboard.deployments import acts, backfills, custom, editor, lists, views

ONE = "deployments/<uuid:id>"
BACKFILL = "backfills/<uuid:id>"
SCHEDULE = f"{ONE}/schedules/<uuid:schedule_id>"

routes = [
    path("deployments", lists.deployments, name="deployments"),
    path(ONE, views.deployment, name="deployment"),
    path(f"{ONE}/run", custom.custom_run, name="deployment-run"),
    path(f"{ONE}/quick-run", acts.quick_run, name="deployment-quick-run"),
    path(f"{ONE}/hold", acts.hold, name="hold-deployment"),
    path(f"{ONE}/release", acts.release, name="release-deployment"),
    path(f"{ONE}/delete", acts.delete, name="delete-deployment"),
    path(f"{ONE}/schedules/new", editor.new, name="new-schedule"),
    path(SCHEDULE, editor.edit, name="schedule"),
    path(f"{SCHEDULE}/hold", acts.hold, name="hold-schedule"),
    path(f"{SCHEDULE}/release", acts.release, name="release-schedule"),
    path(f"{SCHEDULE}/revert", acts.revert, name="revert-schedule"),
    path(f"{SCHEDULE}/delete", acts.delete_schedule, name="delete-schedule"),
    path(f"{ONE}/backfill", backfills.new, name="new-backfill"),
    path(BACKFILL, backfills.backfill, name="backfill"),
    *(
        path(f"{BACKFILL}/{verb}", backfills.press, {"verb": verb}, f"{verb}-backfill")
        for verb in backfills.BUTTONS
    ),
    path(f"{BACKFILL}/cancel", backfills.cancel, name="cancel-backfill"),
    path(f"{ONE}/<slug:tab>", views.deployment, name="deployment-tab"),
]
