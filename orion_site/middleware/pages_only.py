"""Django's and our middleware, left out of `/api/`: clients there have no cookies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware
from django.middleware.security import SecurityMiddleware
from django_htmx.middleware import HtmxMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts.middleware import LocalOwnerMiddleware
from orion_site.middleware import Handler


def _pages_only(
    middleware: Any,
) -> Callable[[Handler], Handler]:
    def factory(get_response: Handler) -> Handler:
        inner = middleware(get_response)

        def handle(request: HttpRequest) -> HttpResponseBase:
            if request.path_info.startswith("/api/"):
                return get_response(request)
            answer: HttpResponseBase = inner(request)
            return answer

        if hasattr(inner, "process_view"):
            handle.process_view = _view_hook(inner.process_view)  # type: ignore[attr-defined]
        return handle

    return factory


def _view_hook(hook: Callable[..., HttpResponseBase | None]) -> Callable[..., object]:
    def process_view(request: HttpRequest, *args: object) -> HttpResponseBase | None:
        if request.path_info.startswith("/api/"):
            return None
        return hook(request, *args)

    return process_view


compression = _pages_only(GZipMiddleware)
security = _pages_only(SecurityMiddleware)
static_files = _pages_only(WhiteNoiseMiddleware)
csp = _pages_only(CSPMiddleware)
sessions = _pages_only(SessionMiddleware)
common = _pages_only(CommonMiddleware)
csrf = _pages_only(CsrfViewMiddleware)
authentication = _pages_only(AuthenticationMiddleware)
local_owner = _pages_only(LocalOwnerMiddleware)
messages = _pages_only(MessageMiddleware)
htmx = _pages_only(HtmxMiddleware)
