"""Addresses of the root."""

from __future__ import annotations

from django.urls import path

from api.root import views

urlpatterns = [
    path("health", views.Health.as_view()),
    path("ready", views.Readiness.as_view()),
    path("version", views.Version.as_view()),
    path("hello", views.Hello.as_view()),
    path("openapi.json", views.Document.as_view()),
    path("csrf-token", views.CsrfToken.as_view()),
]
