"""Sockets under `/api`."""

from __future__ import annotations

from typing import Any

from django.urls import path

from api.sockets.events_in import events_in
from api.sockets.events_out import events_out

_SOCKETS: dict[str, Any] = {
    "api/events/in": events_in,
    "api/events/out": events_out,
}

socket_urls: list[Any] = [path(address, serve) for address, serve in _SOCKETS.items()]
