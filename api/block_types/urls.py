"""Addresses of block types."""

from __future__ import annotations

from django.urls import path

from api.block_types import views

urlpatterns = [
    path("", views.BlockTypes.as_view()),
    path("filter", views.FilterBlockTypes.as_view()),
    path("install_system_block_types", views.InstallBlockTypes.as_view()),
    path("slug/<str:slug>", views.BlockTypeBySlug.as_view()),
    path("slug/<str:slug>/block_documents", views.DocumentsOfType.as_view()),
    path(
        "slug/<str:slug>/block_documents/name/<str:block_document_name>",
        views.DocumentOfTypeByName.as_view(),
    ),
    path("<uuid:id>", views.OneBlockType.as_view()),
]
