"""Abstract bases of the tables."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.actor import DEFAULT_WORKSPACE
from core.clock import now
from core.ids import uuid7
from core.querysets import OrionManager


class Row(models.Model):
    """A row with a time-ordered id and the moments it was made and last changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created = models.DateTimeField(default=now, editable=False)
    updated = models.DateTimeField(default=now, editable=False)

    objects = OrionManager()

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Save and move `updated` forward."""
        self.updated = now()
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "updated"}
        super().save(**kwargs)


class Owned(Row):
    """A top-level row: it belongs to a workspace."""

    workspace = models.ForeignKey(
        "orion_accounts.Workspace",
        on_delete=models.PROTECT,
        default=DEFAULT_WORKSPACE,
        db_index=False,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True
