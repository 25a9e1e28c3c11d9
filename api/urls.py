"""The rooms under `/api`."""

from __future__ import annotations

from django.urls import include, path

from api.base.routing import unknown

ROOMS: list[tuple[str, str]] = [
    ("", "api.root.urls"),
]

urlpatterns = [
    *(path(prefix, include(module)) for prefix, module in ROOMS),
    path("<path:rest>", unknown),
]
