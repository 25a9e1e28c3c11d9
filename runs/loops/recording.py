"""The recorder's loop."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.loops import Loop, seconds
from events.inbox import RECORDER
from events.models import InboxFrame
from runs import recorder


class Recorder(Loop):
    """Work event frames of clients in; woken as soon as some arrive."""

    name, interval, batch = RECORDER, seconds(2), recorder.BATCH
    in_every_server = True

    def tick(self, now: datetime) -> bool:
        """Work in the oldest batch."""
        return recorder.work_in(now) == self.batch

    def lag(self, now: datetime) -> timedelta | None:
        """The age of the oldest frame."""
        oldest = InboxFrame.objects.order_by("seq").first()
        return now - oldest.received if oldest else None
