"""Loops over leases."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from concurrency import slots
from concurrency.models import Lease
from core.loops import Loop, seconds
from core.sql import write


class LeaseExpiry(Loop):
    """Give back the slots of leases that nobody renewed."""

    name, interval, batch = "lease-expiry", seconds(15), 100

    def tick(self, now: datetime) -> bool:
        """Revoke one batch; a renewal that comes first wins."""
        expired = Lease.objects.filter(expires__lte=now)
        expired = expired.exclude(pk__in=self.put_off(now))
        ids = expired.order_by("expires", "id").ids(self.batch)

        def revoke(id: UUID) -> None:
            with write():
                slots.revoke_expired(id, now)

        self.each(ids, revoke, now=now)
        return len(ids) == self.batch

    def lag(self, now: datetime) -> timedelta | None:
        """How long ago the oldest lease expired."""
        oldest = Lease.objects.filter(expires__lte=now).order_by("expires").first()
        return now - oldest.expires if oldest and oldest.expires else None
