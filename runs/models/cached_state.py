"""The server's cache of task results: key to completed state."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned


class CachedState(Owned):
    """A completed state that may stand in for another run with the same key."""

    cache_key = models.TextField()
    cache_expiration = models.DateTimeField(null=True)
    state = models.ForeignKey(
        "TaskRunState", on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        indexes: ClassVar = [
            # the newest entry of a key
            models.Index(
                fields=["cache_key", "created"], name="orion_cached_state_key"
            ),
        ]

    def __str__(self) -> str:
        return self.cache_key
