"""A named limit."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned


class Limit(Owned):
    """At most `limit` slots at once. `tag:<tag>` bounds task runs with that tag,
    `deployment:<id>` the runs of a deployment.

    There is no counter: the slots in use are the live rows of `Slot`.
    """

    name = models.CharField(max_length=1024)
    limit = models.IntegerField()
    active = models.BooleanField(default=True)
    slot_decay_per_second = models.FloatField(default=0.0)
    avg_slot_occupancy_seconds = models.FloatField(default=2.0)
    denied_slots = models.FloatField(default=0.0)  # recent refusals, decays
    denied_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workspace", "name", name="orion_limit_name"),
        ]

    def __str__(self) -> str:
        return self.name
