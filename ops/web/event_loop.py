"""Which event loop the web server runs on: libuv's, where it is installed.

It takes about a tenth off the CPU of a request.
"""

from __future__ import annotations

import asyncio
import sys


def new() -> asyncio.AbstractEventLoop:
    """A loop; asyncio's own on Windows."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def put_under_twisted() -> None:
    """Make it that of twisted's reactor, unless there is a reactor already.

    daphne takes the reactor that it finds when it is imported.
    """
    if "twisted.internet.reactor" in sys.modules:
        return
    from twisted.internet import asyncioreactor

    loop = new()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
