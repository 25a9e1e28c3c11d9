"""Addresses of blocks."""

from __future__ import annotations

from django.urls import path

from api.block_documents import views

urlpatterns = [
    path("", views.BlockDocuments.as_view()),
    path("count", views.CountBlockDocuments.as_view()),
    path("filter", views.FilterBlockDocuments.as_view()),
    path("<uuid:id>", views.OneBlockDocument.as_view()),
]
