"""The web server: its door closes without losing a request.

Two servers carry it: uvicorn where it is installed with its parser, daphne elsewhere or
on request. Importing either costs time, so only commands that serve do so.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Protocol

from ops.addresses import Address

Notice = Callable[[], None]


class WebServer(Protocol):
    """What both servers can do."""

    def serve(self) -> None:
        """Serve until `finish`.

        Raises:
            PortBusy: somebody else listens there.
        """

    def finish(self) -> None:
        """Begin to stop; callable from signal handlers and any thread."""


def web_server(
    application: Any,
    address: Address,
    *,
    on_listening: Notice,
    on_stop: Notice,
    kind: str = "auto",
) -> WebServer:
    """The server for an ASGI application.

    `on_listening` is called on the event loop once clients can connect, `on_stop` on a
    thread when the server is to stop and still answers. `kind` is one of auto, uvicorn
    and daphne.
    """
    if kind == "uvicorn" or (kind == "auto" and has_uvicorn()):
        from ops.web.on_uvicorn import UvicornServer

        return UvicornServer(application, address, on_listening, on_stop)
    from ops.web import event_loop

    event_loop.put_under_twisted()
    from ops.web.on_daphne import DaphneServer

    return DaphneServer(application, address, on_listening, on_stop)


def has_uvicorn() -> bool:
    """Whether uvicorn is here, with its parser and sockets."""
    return all(find_spec(name) for name in ("uvicorn", "httptools", "websockets"))
