"""The address that Prometheus scrapes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from core.actor import OWNER
from ops.metrics import CONTENT_TYPE, exposition

NEEDS = "server.view"


def metrics(request: HttpRequest) -> HttpResponseBase:
    """Numbers in the text format."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET"])
    if not OWNER.may(NEEDS):
        return HttpResponse("", status=403)
    answer = HttpResponse(exposition(), content_type=CONTENT_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer
