"""Addresses of states."""

from __future__ import annotations

from django.urls import path

from api.run_states import views

urlpatterns = [
    path("flow_run_states/", views.FlowRunStates.as_view()),
    path("flow_run_states/<uuid:id>", views.OneFlowRunState.as_view()),
    path("task_run_states/", views.TaskRunStates.as_view()),
    path("task_run_states/<uuid:id>", views.OneTaskRunState.as_view()),
]
