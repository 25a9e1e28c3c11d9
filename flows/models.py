"""The table of flows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned


class Flow(Owned):
    """A name under which runs are grouped; clients make one before their first run."""

    name = models.CharField(max_length=1024)
    tags = models.JSONField(default=list)
    labels = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workspace", "name", name="orion_flow_name"),
        ]

    def __str__(self) -> str:
        return self.name
