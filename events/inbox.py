"""Frames from clients become durable rows, many at a time.

The events socket has no acknowledgement: a frame is safe once `receive` returned, and a
client cannot know. What was stored is worked in by the recorder, whoever stored it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from core import loops
from core.clock import now
from core.sql import write
from events.models import InboxFrame

RECORDER = "recorder"  # the loop that works frames in
_TRIES = 5


def receive(frames: Sequence[str]) -> None:
    """Store frames in the order they came, in one transaction."""
    at = now()
    with write():
        InboxFrame.objects.bulk_create(
            [InboxFrame(received=at, frame=frame) for frame in frames]
        )
    loops.wake(RECORDER)


def claim(limit: int, at: datetime) -> list[InboxFrame]:
    """The oldest frames nobody else works on, locked until the transaction ends."""
    waiting = InboxFrame.objects.exclude(not_before__gt=at).exclude(
        attempts__gte=_TRIES
    )
    return list(waiting.claimable().order_by("seq")[:limit])


def forget(frames: Sequence[InboxFrame]) -> None:
    """Remove frames that were worked in."""
    InboxFrame.objects.filter(pk__in=[frame.pk for frame in frames]).delete()


def put_off(frames: Sequence[InboxFrame], at: datetime) -> None:
    """Try these frames again later; after five tries they are parked."""
    for frame in frames:
        frame.attempts += 1
        frame.not_before = at + timedelta(seconds=2**frame.attempts)
    InboxFrame.objects.bulk_update(frames, ["attempts", "not_before"])
