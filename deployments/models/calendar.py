"""Times at which schedules do not fire."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned


class Calendar(Owned):
    """A blackout calendar; schedules name those they keep to.

    `closed` holds spans of local time in its zone, `weekdays` the ISO numbers of days
    of the week that are closed as a whole.
    """

    name = models.CharField(max_length=255)
    description = models.TextField(default="", blank=True)
    zone = models.CharField(max_length=255, default="UTC")
    closed = models.JSONField(default=list)  # [{"start": …, "end": …}], dates or times
    weekdays = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("workspace", "name", name="orion_calendar_name"),
        ]

    def __str__(self) -> str:
        return self.name
