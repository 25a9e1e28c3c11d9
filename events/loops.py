"""Loops over events."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.conf import conf
from core.loops import Loop, seconds
from core.sql import write
from events.models import Event


class EventRetention(Loop):
    """Forget events after their time."""

    name, interval, batch = "event-retention", seconds(3600), 1000

    def tick(self, now: datetime) -> bool:
        """Delete one batch."""
        old = Event.objects.filter(occurred__lt=now - timedelta(days=conf.event_days))
        ids = list(old.order_by("occurred").values_list("pk", flat=True)[: self.batch])
        if ids:
            with write():
                Event.objects.filter(pk__in=ids).delete()
        return len(ids) == self.batch
