"""Shapes of the root."""

from __future__ import annotations

from datetime import datetime

from api.base.wire import Wire


class Loop(Wire):
    """How a loop is doing, in whichever process."""

    name: str
    condition: str
    last_success: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    lag: float | None
    interval: float


class Ready(Wire):
    """The server can serve."""

    message: str
    trouble: str | None
    loops: list[Loop]
