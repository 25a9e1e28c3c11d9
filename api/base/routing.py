"""Addresses under `/api` that no room serves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from api.base.errors import Failure


def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """Send on to the address with (or without) a slash at its end, or 404."""
    path = request.path_info
    other = path[:-1] if path.endswith("/") else f"{path}/"
    if _is_served(other):
        query = request.META.get("QUERY_STRING", "")
        target = f"{other}?{query}" if query else other
        return HttpResponse(status=307, headers={"Location": target})
    return Failure(404, {"detail": "Not Found"}).response()


def _is_served(path: str) -> bool:
    try:
        return resolve(path).func is not unknown
    except Resolver404:
        return False
