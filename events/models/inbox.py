"""Frames that clients sent over the events socket, waiting to be worked in."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.querysets import OrionManager


class InboxFrame(models.Model):
    """One frame as it came. It is removed by the transaction that works it in."""

    seq = models.BigAutoField(primary_key=True)
    received = models.DateTimeField(default=now)
    frame = models.TextField()
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)

    objects = OrionManager()

    def __str__(self) -> str:
        return f"frame {self.seq}"
