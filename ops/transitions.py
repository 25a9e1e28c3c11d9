"""Counts transitions from the feed: one number per kind and state type, kept in rows.

A number drawn by a transaction that is still under way appears late, so a tick counts
only what the tick before, some seconds earlier, already saw as the newest event.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Subquery

from core.sql import write
from events.models import Event
from ops.models import CountedUpTo, TransitionCount
from runs.models import FlowRunState, TaskRunState

SETTLED = timedelta(seconds=5)  # after which no lower number appears any more
KINDS: tuple[tuple[str, str, Any], ...] = (
    ("flow_run", "prefect.flow-run.", FlowRunState),
    ("task_run", "prefect.task-run.", TaskRunState),
)


def count(now: datetime, *, most: int) -> bool:
    """Count the next events, at most so many; whether more are waiting.

    Any number of processes may do this: they queue for the one row.
    """
    newest = Event.objects.aggregate(newest=Max("seq"))["newest"] or 0
    known = CountedUpTo.objects.first()
    if known is None:
        with write():
            start = {"counted": newest, "seen": newest, "seen_at": now}
            CountedUpTo.objects.get_or_create(pk=1, defaults=start)
        return False
    if known.seen <= known.counted and newest <= known.seen:
        return False
    with write():
        place = CountedUpTo.objects.select_for_update().get(pk=1)
        if now - place.seen_at < SETTLED:
            return False
        upper = _last_of(place.counted, place.seen, most)
        for kind, prefix, states in KINDS:
            _add(kind, _between(place.counted, upper, prefix, states))
        has_more = upper < place.seen
        place.counted = upper
        if not has_more:
            place.seen, place.seen_at = max(newest, place.seen), now
        place.save()
    return has_more


def _last_of(after: int, upto: int, most: int) -> int:
    """The number of the last of the next events, at most so many; gaps cost nothing."""
    rows = Event.objects.filter(seq__gt=after, seq__lte=upto).order_by("seq")
    numbers = list(rows.values_list("seq", flat=True)[most - 1 : most])
    return numbers[0] if numbers else upto


def _between(after: int, upto: int, prefix: str, states: Any) -> dict[str, int]:
    """Transitions per state type among the events with these numbers."""
    type = states.objects.filter(pk=OuterRef("id")).values("type")[:1]
    rows = (
        Event.objects.filter(
            seq__gt=after, seq__lte=upto, resource_id__startswith=prefix
        )
        .annotate(type=Subquery(type))
        .order_by()
        .values_list("type")
        .annotate(Count("seq"))
    )
    return {type: number for type, number in rows if type}


def _add(kind: str, numbers: dict[str, int]) -> None:
    for type, number in sorted(numbers.items()):
        row, _ = TransitionCount.objects.get_or_create(kind=kind, state_type=type)
        TransitionCount.objects.filter(pk=row.pk).update(number=F("number") + number)


def totals() -> dict[tuple[str, str], int]:
    """The number per kind and state type."""
    rows = TransitionCount.objects.order_by("kind", "state_type")
    return {(row.kind, row.state_type): row.number for row in rows}
