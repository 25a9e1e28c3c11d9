"""Who holds slots, and until when."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models

from core.clock import now
from core.ids import uuid7
from core.models import Row


class Lease(Row):
    """A holder's claim on slots of one or more limits; without expiry it lasts until
    the holder gives it back."""

    expires = models.DateTimeField(null=True)
    holder_type = models.CharField(max_length=50, null=True)
    holder_id = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            # the expiry loop; giving back all that a run holds
            models.Index(
                fields=["expires"],
                name="orion_lease_expires",
                condition=models.Q(expires__isnull=False),
            ),
            models.Index(fields=["holder_id"], name="orion_lease_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_type} {self.holder_id}"


class Slot(models.Model):
    """`slots` slots of one limit, held by a lease, or draining on their own when the
    limit decays."""

    id: UUID = models.UUIDField(primary_key=True, default=uuid7, editable=False)  # type: ignore[assignment]
    limit = models.ForeignKey("Limit", on_delete=models.CASCADE, related_name="slots")
    lease = models.ForeignKey(
        "Lease", on_delete=models.CASCADE, null=True, related_name="slots"
    )
    slots = models.IntegerField(default=1)
    taken = models.DateTimeField(default=now)
    expires = models.DateTimeField(null=True)  # copied from the lease, or the drain

    def __str__(self) -> str:
        return f"{self.slots} of {self.limit_id}"
