"""Addresses of block schemas."""

from __future__ import annotations

from django.urls import path

from api.block_schemas import views

urlpatterns = [
    path("", views.BlockSchemas.as_view()),
    path("filter", views.FilterBlockSchemas.as_view()),
    path("checksum/<str:checksum>", views.BlockSchemaByChecksum.as_view()),
    path("<uuid:id>", views.OneBlockSchema.as_view()),
]
