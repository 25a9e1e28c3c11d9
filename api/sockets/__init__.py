"""Sockets under `/api`."""

from __future__ import annotations

from typing import Any

socket_urls: list[Any] = []
