"""Addresses of flow runs."""

from __future__ import annotations

from django.urls import path

from api.flow_runs import bulk, inputs, lean, lists, views

urlpatterns = [
    path("", lean.FlowRuns.as_view()),
    path("filter", views.FilterFlowRuns.as_view()),
    path("count", views.CountFlowRuns.as_view()),
    path("paginate", lists.PaginateFlowRuns.as_view()),
    path("history", lists.FlowRunHistory.as_view()),
    path("lateness", lists.AverageLateness.as_view()),
    path("bulk_delete", bulk.DeleteFlowRuns.as_view()),
    path("bulk_set_state", bulk.SetStateOfFlowRuns.as_view()),
    path("<uuid:id>", views.OneFlowRun.as_view()),
    path("<uuid:id>/set_state", lean.SetFlowRunState.as_view()),
    path("<uuid:id>/resume", views.ResumeFlowRun.as_view()),
    path("<uuid:id>/labels", views.FlowRunLabels.as_view()),
    path("<uuid:id>/input", inputs.Inputs.as_view()),
    path("<uuid:id>/input/filter", inputs.FilterInputs.as_view()),
    path("<uuid:id>/input/<str:key>", inputs.OneInput.as_view()),
]
