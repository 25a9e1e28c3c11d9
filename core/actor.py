"""Who asks. Permissions are questions to the actor, never to the accounts app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

DEFAULT_WORKSPACE = 1


class Narrowable(Protocol):
    """What an actor can narrow: anything that filters by keyword, as QuerySets do."""

    def filter(self, *args: Any, **kwargs: Any) -> Self: ...


Q = TypeVar("Q", bound=Narrowable)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, key or service behind a call, and the workspace it acts in."""

    kind: str  # owner, service, person, key
    name: str
    workspace_id: int = DEFAULT_WORKSPACE

    def may(self, action: str) -> bool:
        """Whether the actor may do `action`, for instance `runs.set_state`."""
        return bool(action) and self.kind in {"owner", "service"}

    def narrow(self, rows: Q, path: str = "workspace_id") -> Q:
        """The rows that belong to the actor's workspace; `path` leads to its id."""
        return rows.filter(**self.bounds(path))

    def bounds(self, path: str = "workspace_id") -> dict[str, Any]:
        """What such rows have in common, as lookups with their values."""
        return {path: self.workspace_id}


OWNER = Actor("owner", "local owner")
SERVICE = Actor("service", "server")
