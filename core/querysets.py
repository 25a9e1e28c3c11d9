"""What every QuerySet of the house can do."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar
from uuid import UUID

from django.db import connections, models

from core.actor import Actor

M = TypeVar("M", bound=models.Model)


class OrionQuerySet(models.QuerySet[M]):
    """Reads that chain: visibility and locks."""

    workspace_path: ClassVar[str] = "workspace_id"

    def visible_to(self, actor: Actor) -> Self:
        """The rows the actor may see; every face starts here."""
        return actor.narrow(self, self.workspace_path)

    def locked(self) -> Self:
        """The rows, locked until the transaction ends (SQLite locks the database).

        The lock leaves keys alone, so rows that refer to these may still be inserted.
        """
        if not self._can_lock():
            return self
        return self.select_for_update(of=("self",), no_key=True)

    def claimable(self) -> Self:
        """The rows nobody else has locked, locked; others are skipped."""
        if not self._can_lock():
            return self
        return self.select_for_update(skip_locked=True, of=("self",), no_key=True)

    def ids(self, n: int) -> list[UUID]:
        """The first `n` primary keys in the set's order."""
        return list(self.values_list("pk", flat=True)[:n])

    def _can_lock(self) -> bool:
        return connections[self.db].features.has_select_for_update


OrionManager = models.Manager.from_queryset(OrionQuerySet)
