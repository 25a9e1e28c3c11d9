"""Addresses of named limits."""

from __future__ import annotations

from django.urls import path

from api.concurrency_limits_v2 import lean, views

urlpatterns = [
    path("", views.Limits.as_view()),
    path("filter", views.FilterLimits.as_view()),
    path("increment", views.IncrementSlots.as_view()),
    path("increment-with-lease", views.IncrementSlotsWithLease.as_view()),
    path("decrement", views.DecrementSlots.as_view()),
    path("decrement-with-lease", views.DecrementSlotsWithLease.as_view()),
    path("leases/<uuid:lease_id>/renew", lean.RenewLease.as_view()),
    path("<path:id_or_name>", views.OneLimit.as_view()),
]
