"""Swagger and ReDoc on local assets, within the pages' content security policy."""

from __future__ import annotations

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.csp import REDOC_STYLES

SCHEMA = "/api/openapi.json"


@require_GET
def swagger(request: HttpRequest) -> HttpResponse:
    """The reference one can try out."""
    return render(request, "docs/swagger.html", {"schema": SCHEMA})


@require_GET
@csp_update({"style-src": REDOC_STYLES})
def redoc(request: HttpRequest) -> HttpResponse:
    """The reference one can read."""
    return render(request, "docs/redoc.html", {"schema": SCHEMA})
