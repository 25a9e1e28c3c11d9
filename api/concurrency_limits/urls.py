"""Addresses of the limits of tags."""

from __future__ import annotations

from django.urls import path

from api.concurrency_limits import views

urlpatterns = [
    path("", views.TagLimits.as_view()),
    path("filter", views.FilterTagLimits.as_view()),
    path("increment", views.TakeTagSlots.as_view()),
    path("decrement", views.GiveTagSlotsBack.as_view()),
    path("tag/<path:tag>/reset", views.ResetTagLimit.as_view()),
    path("tag/<path:tag>", views.TagLimitByTag.as_view()),
    path("<uuid:id>", views.OneTagLimit.as_view()),
]
