"""The ASGI application: health, HTTP through the lane, sockets on the event loop."""

from __future__ import annotations

import os
from typing import Any, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orion_site.settings.prod")
django.setup()

from channels.routing import URLRouter  # noqa: E402 - needs the apps loaded
from django.urls import path  # noqa: E402

from api.sockets import socket_urls as api_sockets  # noqa: E402
from dashboard.urls import socket_urls as dashboard_sockets  # noqa: E402
from orion_site.fence import Fence  # noqa: E402
from orion_site.lane import Lane, Receive, Scope, Send, reply  # noqa: E402


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Close sockets to unknown addresses; the handshake is answered 403."""
    await receive()
    await send({"type": "websocket.close"})


class Application:
    """Sends each connection to its lane."""

    def __init__(self) -> None:
        self.lane = Lane()
        unknown = path("<path:rest>", cast(Any, refuse))  # an ASGI app, not a view
        self.sockets: Any = URLRouter([*api_sockets, *dashboard_sockets, unknown])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket":
            await self.sockets(scope, receive, send)
        elif scope["type"] == "http":
            if scope["path"] == "/api/health":
                await reply(send, 200, content=True)
            else:
                await self.lane(scope, receive, send)


application = Fence(Application())
