"""Shapes of the root."""

from __future__ import annotations

from datetime import datetime

from api.base.wire import Wire


class Loop(Wire):
    """What a loop did last, in whichever process."""

    name: str
    last_success: datetime | None
    last_error: str | None


class Ready(Wire):
    """The server can serve."""

    message: str
    loops: list[Loop]
