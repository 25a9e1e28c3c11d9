"""Addresses of flows."""

from __future__ import annotations

from django.urls import path

from api.flows import views

urlpatterns = [
    path("", views.Flows.as_view()),
    path("filter", views.FilterFlows.as_view()),
    path("paginate", views.PaginateFlows.as_view()),
    path("bulk_delete", views.DeleteFlows.as_view()),
    path("count", views.CountFlows.as_view()),
    path("name/<str:name>", views.FlowByName.as_view()),
    path("<uuid:id>", views.OneFlow.as_view()),
]
