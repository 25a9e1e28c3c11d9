"""Loops over schedules and their runs: planners, late marker, overlaps, back-fills."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.actor import SERVICE
from core.conf import conf
from core.loops import Loop, seconds
from deployments import blackouts
from deployments.models import Backfill, Schedule
from deployments.querysets import ScheduleQuerySet
from deployments.scheduling import feeding, overlapping
from deployments.scheduling.planner import AT_ONCE, plan, plan_next
from runs.models import FlowRun
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.policies.special import MARK_LATE
from runs.orchestration.transition import Because, Proposal, stamp
from runs.querysets import FlowRunQuerySet
from runs.states import LATE, StateType
from work_pools.why_not import why_not


class Scheduler(Loop):
    """Make more runs where a schedule has few ahead."""

    name, interval, batch = "scheduler", seconds(60), AT_ONCE
    _is_careful = False

    def tick(self, now: datetime) -> bool:
        """Plan the next deployments; one by one after something went wrong."""
        rows = self.needy(now)
        if self._is_careful:
            found = rows.deployments(self.batch, without=self.put_off(now))
            self.each(found, lambda id: plan(id, now=now), now=now)
            self._is_careful = len(found) == self.batch
            return self._is_careful
        self._is_careful = True
        has_more = plan_next(rows, now=now)
        self._is_careful = False
        return has_more

    def needy(self, now: datetime) -> ScheduleQuerySet:
        """The schedules to look after: planned before, and running dry."""
        found: ScheduleQuerySet = Schedule.objects.running_dry(now)
        return found

    def lag(self, now: datetime) -> timedelta | None:
        """How long the first of them has waited."""
        first = self.needy(now).order_by("plan_after").first()
        since = first.plan_after or first.updated if first else now
        return max(timedelta(0), now - since)


class RecentScheduler(Scheduler):
    """Plan what a change left unplanned; woken as soon as there is such a thing."""

    name, interval = blackouts.FRESH, seconds(5)

    def needy(self, now: datetime) -> ScheduleQuerySet:
        """The schedules to look after: those that nobody has planned."""
        found: ScheduleQuerySet = Schedule.objects.fresh()
        return found


class LateMarker(Loop):
    """Name runs Late when their start has passed; back-fills never are."""

    name, interval, batch = "late-runs", seconds(5), 400

    def tick(self, now: datetime) -> bool:
        """Mark the most overdue; another replica may be first, the policy refuses."""
        rows = _overdue(now).exclude(pk__in=self.put_off(now))
        late = rows.select_related("work_queue__pool")
        due = {run.pk: run for run in late.only(*_ASKED)[: self.batch]}
        reasons = why_not(due.values(), now)
        self.each(due, lambda id: _mark(due[id], reasons[id], now), now=now)
        return len(due) == self.batch

    def lag(self, now: datetime) -> timedelta | None:
        """How long the most overdue one should have been Late."""
        first = _overdue(now).values_list("next_scheduled_start_time", flat=True)
        since = first.first()
        return now - conf.late_after - since if since else timedelta(0)


class OverlapKeeper(Loop):
    """Settle what becomes of due runs while others of their schedule are active."""

    name, interval, batch = "overlaps", seconds(5), 100

    def tick(self, now: datetime) -> bool:
        """Look at the schedules that have due runs and a policy for overlaps."""
        found = overlapping.in_question(now, self.batch, without=self.put_off(now))
        self.each(found, lambda id: overlapping.settle(id, now=now), now=now)
        return False


class BackfillFeeder(Loop):
    """Make the next runs of back-fills, as their limits allow."""

    name, interval, batch = "backfills", seconds(5), 100

    def tick(self, now: datetime) -> bool:
        """Feed those that were not looked at for longest."""
        running = Backfill.objects.filter(status="running").order_by("updated", "id")
        found = running.exclude(pk__in=self.put_off(now)).ids(self.batch)
        self.each(found, lambda id: feeding.feed(id, now=now), now=now)
        return False


# what the reason is made of
_QUEUE = ("name", "is_paused", "concurrency_limit")
_ASKED = (
    "next_scheduled_start_time",
    "deployment",
    "work_queue__last_polled",
    *(f"work_queue__{column}" for column in _QUEUE),
    *(f"work_queue__pool__{column}" for column in _QUEUE),
)


def _overdue(now: datetime) -> FlowRunQuerySet:
    rows: FlowRunQuerySet = FlowRun.objects.overdue(now, grace=conf.late_after)
    return rows.filter(backfill_id__isnull=True)


def _mark(run: FlowRun, reason: str, now: datetime) -> None:
    """Name the run Late, and store what is in its way now."""
    details = {"scheduled_time": stamp(run.next_scheduled_start_time or now)}
    late = Proposal(StateType.SCHEDULED, LATE, details=details)
    queue = run.work_queue
    facts = {"work_pool": queue.pool.name, "work_queue": queue.name} if queue else {}
    because = Because("LateMarker", reason, facts)
    propose_flow_run(
        run.pk, late, actor=SERVICE, policy=MARK_LATE, because=because, now=now
    )
