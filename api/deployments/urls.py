"""Addresses of deployments."""

from __future__ import annotations

from django.urls import path

from api.deployments import bulk, runs, schedules, views

urlpatterns = [
    path("", views.Deployments.as_view()),
    path("filter", views.FilterDeployments.as_view()),
    path("count", views.CountDeployments.as_view()),
    path("paginate", bulk.PaginateDeployments.as_view()),
    path("bulk_delete", bulk.DeleteDeployments.as_view()),
    path("get_scheduled_flow_runs", runs.ScheduledRuns.as_view()),
    path(
        "name/<str:flow_name>/<str:deployment_name>", views.DeploymentByName.as_view()
    ),
    path("<uuid:id>", views.OneDeployment.as_view()),
    path("<uuid:id>/create_flow_run", runs.RunDeployment.as_view()),
    path("<uuid:id>/create_flow_run/bulk", bulk.RunDeploymentOften.as_view()),
    path("<uuid:id>/pause_deployment", views.PauseDeployment.as_view()),
    path("<uuid:id>/resume_deployment", views.ResumeDeployment.as_view()),
    path("<uuid:id>/set_schedule_inactive", views.PauseDeployment.as_view()),
    path("<uuid:id>/set_schedule_active", views.ResumeDeployment.as_view()),
    path("<uuid:id>/schedule", schedules.PlanDeployment.as_view()),
    path("<uuid:id>/schedules", schedules.Schedules.as_view()),
    path("<uuid:id>/schedules/<uuid:schedule_id>", schedules.OneSchedule.as_view()),
    path("<uuid:id>/work_queue_check", runs.WorkQueueCheck.as_view()),
]
