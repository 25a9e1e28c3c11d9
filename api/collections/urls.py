"""Addresses of collections."""

from __future__ import annotations

from django.urls import path

from api.collections import views

urlpatterns = [path("views/<str:view>", views.CollectionView.as_view())]
