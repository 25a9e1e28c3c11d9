"""Log lines of runs over the wire: send a few, read all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orion.client.transport import Transport

PAGE = 200


def send(
    transport: Transport, flow_run_id: str, message: str, *, name: str, level: int
) -> None:
    """Add one record to the run's log."""
    record = {
        "name": name,
        "level": level,
        "message": message.replace("\0", "\\0"),
        "timestamp": datetime.now(UTC).isoformat(),
        "flow_run_id": flow_run_id,
    }
    transport.request("POST", "/logs/", json=[record])


def read_all(
    transport: Transport, flow_run_id: str, *, level: int = 0, after: str | None = None
) -> Iterator[dict[str, Any]]:
    """Each record of the run, oldest first, page by page."""
    wanted: dict[str, Any] = {
        "flow_run_id": {"any_": [flow_run_id]},
        "level": {"ge_": level},
    }
    if after is not None:
        wanted["timestamp"] = {"after_": after}
    offset = 0
    while True:
        body = {
            "logs": wanted,
            "sort": "TIMESTAMP_ASC",
            "limit": PAGE,
            "offset": offset,
        }
        page = transport.request("POST", "/logs/filter", json=body).json()
        yield from page
        offset += len(page)
        if len(page) < PAGE:
            return
