"""Refuses foreign hosts and origins, on HTTP and on sockets.

A page of another site may make the reader's browser talk to this machine, under a name
that suddenly points to it (DNS rebinding) or with an `Origin` of its own. Both are kept
out.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from core.conf import conf
from orion_site.lane import Receive, Scope, Send, reply

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Fence:
    """An ASGI application around another one."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.inner(scope, receive, send)
            return
        refusal = refused(dict(scope["headers"]))
        if refusal is None:
            await self.inner(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await reply(send, *refusal)


def refused(headers: dict[bytes, bytes]) -> tuple[int, dict[str, str]] | None:
    """Status and body of the refusal, or None when host and origin are ours."""
    host = headers.get(b"host", b"").decode("latin1")
    name = host_name(host)
    if not known(name):
        return 400, {
            "detail": f"Host {host!r} is not served here. Use the address the server "
            "was started with, or add the name to ORION_ALLOWED_HOSTS."
        }
    origin = headers.get(b"origin", b"").decode("latin1")
    if origin and origin not in conf.allowed_origins:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or parts.netloc != host:
            return 403, {
                "detail": f"Origin {origin!r} is not allowed here. Add it to "
                "ORION_ALLOWED_ORIGINS if it may use this server."
            }
    return None


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def known(name: str) -> bool:
    """Whether this server answers to the name."""
    if name in _LOOPBACK or name in settings.ALLOWED_HOSTS:
        return True
    return bool(getattr(settings, "ANY_ADDRESS", False)) and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
