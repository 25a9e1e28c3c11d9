"""Addresses under `/admin`."""

from __future__ import annotations

from django.urls import path

from api.server import views

urlpatterns = [
    path("version", views.Version.as_view()),
    path("storage", views.Storage.as_view()),
]
