"""Work pools and their queues over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from orion.client.transport import Transport

PAGE = 200
DEFAULT_POOL = "default-agent-pool"  # the pool of queues that agents ask by name


def find(transport: Transport) -> list[dict[str, Any]]:
    """All pools, by name."""
    body = {"limit": PAGE}
    answer = transport.request("POST", "/work_pools/filter", json=body).json()
    return sorted(answer, key=lambda pool: str(pool["name"]))


def read(transport: Transport, name: str) -> dict[str, Any]:
    """One pool."""
    return cast("dict[str, Any]", transport.request("GET", _pool(name)).json())


def create(transport: Transport, name: str, **fields: Any) -> dict[str, Any]:
    """A new pool; its job template is the server's for the type."""
    body = {"name": name, **fields}
    answer = transport.request("POST", "/work_pools/", json=body)
    return cast("dict[str, Any]", answer.json())


def amend(transport: Transport, name: str, **changes: Any) -> None:
    """Change fields of a pool."""
    transport.request("PATCH", _pool(name), json=changes)


def delete(transport: Transport, name: str) -> None:
    """Remove a pool with its queues."""
    transport.request("DELETE", _pool(name))


def queues(transport: Transport, pool: str) -> list[dict[str, Any]]:
    """The queues of a pool, by priority."""
    path = f"{_pool(pool)}/queues/filter"
    answer = transport.request("POST", path, json={"limit": PAGE}).json()
    return cast("list[dict[str, Any]]", answer)


def read_queue(transport: Transport, pool: str, name: str) -> dict[str, Any]:
    """One queue."""
    return cast("dict[str, Any]", transport.request("GET", _queue(pool, name)).json())


def create_queue(
    transport: Transport, pool: str, name: str, **fields: Any
) -> dict[str, Any]:
    """A new queue of a pool."""
    body = {"name": name, **fields}
    answer = transport.request("POST", f"{_pool(pool)}/queues", json=body)
    return cast("dict[str, Any]", answer.json())


def amend_queue(transport: Transport, pool: str, name: str, **changes: Any) -> None:
    """Change fields of a queue."""
    transport.request("PATCH", _queue(pool, name), json=changes)


def delete_queue(transport: Transport, pool: str, name: str) -> None:
    """Remove a queue."""
    transport.request("DELETE", _queue(pool, name))


def _pool(name: str) -> str:
    return f"/work_pools/{quote(name, safe='')}"


def _queue(pool: str, name: str) -> str:
    return f"{_pool(pool)}/queues/{quote(name, safe='')}"
