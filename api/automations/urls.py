"""Addresses of automations."""

from __future__ import annotations

from django.urls import path

from api.automations import views

urlpatterns = [
    path("owned-by/<str:resource_id>", views.OwnedAutomations.as_view()),
    path("related-to/<str:resource_id>", views.RelatedAutomations.as_view()),
]
