"""Who is asking, on pages: while nobody can sign in, the local owner."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from accounts.services import local_owner


class LocalOwnerMiddleware:
    """Treats requests to the admin as the local owner's.

    The server listens on loopback only unless told otherwise, and refuses foreign
    hosts and origins, so whoever gets here sits at this machine.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Attach the owner where Django's admin wants a user."""
        if request.path_info.startswith("/admin"):
            request.user = local_owner()
        return self.get_response(request)
