"""Addresses of task runs."""

from __future__ import annotations

from django.urls import path

from api.task_runs import lean, lists, views

urlpatterns = [
    path("", lean.TaskRuns.as_view()),
    path("filter", views.FilterTaskRuns.as_view()),
    path("paginate", lists.PaginateTaskRuns.as_view()),
    path("history", lists.TaskRunHistory.as_view()),
    path("count", views.CountTaskRuns.as_view()),
    path("<uuid:id>", views.OneTaskRun.as_view()),
    path("<uuid:id>/set_state", lean.SetTaskRunState.as_view()),
]
