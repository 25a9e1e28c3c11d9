"""The address of what blocks can do."""

from __future__ import annotations

from django.urls import path

from api.block_schemas import views

urlpatterns = [path("", views.BlockCapabilities.as_view())]
