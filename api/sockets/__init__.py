"""Sockets under `/api`."""

from __future__ import annotations

from typing import Any

from django.urls import path

from api.sockets.events_in import events_in

_SOCKETS: dict[str, Any] = {"api/events/in": events_in}

socket_urls: list[Any] = [path(address, serve) for address, serve in _SOCKETS.items()]
