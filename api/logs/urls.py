"""Addresses of logs."""

from __future__ import annotations

from django.urls import path

from api.logs import lean, views

urlpatterns = [
    path("", lean.Logs.as_view()),
    path("filter", views.FilterLogs.as_view()),
]
