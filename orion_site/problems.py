"""The last answer: an error that escaped from everything else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from api.base import errors


def server_error(request: HttpRequest) -> HttpResponse:
    """In the API's shape below `/api/`, a plain page elsewhere; never a trace."""
    if request.path_info.startswith("/api/"):
        return errors.server_error(request)
    return defaults.server_error(request)
