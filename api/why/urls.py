"""Addresses of explanations."""

from __future__ import annotations

from django.urls import path

from api.why import views

urlpatterns = [
    path("flow_runs/<uuid:id>/why", views.WhyFlowRun.as_view()),
    path("task_runs/<uuid:id>/why", views.WhyTaskRun.as_view()),
]
