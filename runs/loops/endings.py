"""Loops over what ended runs left open below them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.conf import conf
from core.loops import LATER, Loop, seconds
from runs import cascade
from runs.models import FlowRun, TaskRun
from runs.querysets import FlowRunQuerySet
from runs.states import FINAL, StateType

LOOK_BACK = timedelta(days=1)  # after a start; later only what ended since
OVERLAP = timedelta(minutes=2)  # transactions become visible in any order


class CancellationCleanup(Loop):
    """Cancel what cancelled runs left open: tasks, children, and their children."""

    name, interval, batch = cascade.CLEANUP, seconds(5), 200
    states: ClassVar = frozenset({StateType.CANCELLED})
    grace: ClassVar = timedelta()

    def __init__(self) -> None:
        super().__init__()
        self._seen: datetime | None = None  # what ended before is done

    def tick(self, now: datetime) -> bool:
        """Go through the runs that ended since, oldest first."""
        until = now - self.grace
        since = max(self._seen or until - LOOK_BACK, until - LOOK_BACK)
        again = self.due_again(now)
        rows = self.left_open(since, until, again).exclude(pk__in=self.put_off(now))
        found = dict(rows.values_list("pk", "state_timestamp")[: self.batch])
        self.each(found, lambda id: self.settle(id, now), now=now)
        is_full = len(found) == self.batch
        if not is_full:
            self.forget(again - found.keys())
        last = max((at for at in found.values() if at), default=until)
        self._seen = last if is_full and last > since else until - OVERLAP
        return is_full

    def lag(self, now: datetime) -> timedelta | None:
        """How long ago the oldest with something open below it ended."""
        until = now - self.grace
        since = self._seen or until - LOOK_BACK
        rows = self.left_open(since, until).exclude(pk__in=self.put_off(now))
        oldest = rows.values_list("state_timestamp", flat=True).first()
        return until - oldest if oldest else None

    def left_open(
        self, since: datetime, until: datetime, others: Collection[UUID] = ()
    ) -> FlowRunQuerySet:
        """Runs that ended in between, or are among `others`, and have something open
        below them."""
        tasks = self.open_tasks().filter(flow_run=OuterRef("pk"))
        ended = FlowRun.objects.filter(
            end_time__isnull=False,  # as the index has it
            state_type__in=self.states,
        )
        chosen = Q(state_timestamp__gte=since, state_timestamp__lte=until)
        if others:
            chosen |= Q(pk__in=others)
        ended = ended.filter(chosen)
        return ended.filter(Exists(tasks)).order_by("state_timestamp", "pk")

    def open_tasks(self) -> QuerySet[TaskRun]:
        """Tasks that have not ended."""
        is_open = ~Q(state_type__in=FINAL) | Q(state_type__isnull=True)
        return TaskRun.objects.filter(is_open)

    def settle(self, id: UUID, now: datetime) -> object:
        """Cancel all that is below one run."""
        cascade.cancel_below(id, now=now, most=self.batch)
        return None


class UnreportedTasks(CancellationCleanup):
    """Close tasks whose flow run ended without a report of their own end."""

    name, interval, batch = "unreported-tasks", seconds(15), 100
    states = FINAL - {StateType.CANCELLED}
    grace = conf.unreported_after

    def open_tasks(self) -> QuerySet[TaskRun]:
        """Those that stand for a run with a process of its own end with that run."""
        elsewhere = FlowRun.objects.open().filter(deployment__isnull=False)
        stands_for = Exists(elsewhere.filter(parent_task_run=OuterRef("pk")))
        return super().open_tasks().exclude(stands_for)

    def settle(self, id: UUID, now: datetime) -> object:
        """Close all that one run left open; what still gives signs of life, later."""
        return None if cascade.close_below(id, now=now) else LATER
