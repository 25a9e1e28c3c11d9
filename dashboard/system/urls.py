"""Addresses of the system's page and of its metrics."""

from __future__ import annotations

from django.urls import path

from dashboard.system import metrics, views

routes = [
    path("system", views.system, name="system"),
    path("metrics", metrics.metrics, name="metrics"),
]
