"""Loops over schedules and their runs: the two planners, and the late marker."""

from __future__ import annotations

from datetime import datetime

from core.actor import SERVICE
from core.conf import conf
from core.loops import Loop, seconds
from deployments import schedules
from deployments.models import Schedule
from deployments.scheduling.planner import plan
from runs.models import FlowRun
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.policies.special import MARK_LATE
from runs.orchestration.transition import Because, Proposal, stamp
from runs.states import LATE, StateType
from work_pools.why_not import why_not


class Scheduler(Loop):
    """Make more runs where a schedule has few ahead."""

    name, interval, batch = "scheduler", seconds(60), 100

    def tick(self, now: datetime) -> bool:
        """Plan the next deployments that need it."""
        rows = Schedule.objects.running_dry(now)
        found = rows.deployments(self.batch, without=self.put_off(now))
        self.each(found, lambda id: plan(id, now=now), now=now)
        return len(found) == self.batch


class RecentScheduler(Loop):
    """Plan what was just deployed, changed or resumed; woken as soon as it is."""

    name, interval, batch = schedules.FRESH, seconds(5), 100

    def tick(self, now: datetime) -> bool:
        """Plan schedules that nobody has planned."""
        rows = Schedule.objects.fresh()
        found = rows.deployments(self.batch, without=self.put_off(now))
        self.each(found, lambda id: plan(id, now=now), now=now)
        return len(found) == self.batch


class LateMarker(Loop):
    """Name runs Late when their start has passed."""

    name, interval, batch = "late-runs", seconds(5), 400

    def tick(self, now: datetime) -> bool:
        """Mark the most overdue; another replica may be first, the policy refuses."""
        rows = FlowRun.objects.overdue(now, grace=conf.late_after)
        late = rows.exclude(pk__in=self.put_off(now)).select_related("work_queue__pool")
        due = {run.pk: run for run in late.only(*_ASKED)[: self.batch]}
        reasons = why_not(due.values(), now)
        self.each(due, lambda id: _mark(due[id], reasons[id], now), now=now)
        return len(due) == self.batch


# what the reason is made of
_QUEUE = ("name", "is_paused", "concurrency_limit")
_ASKED = (
    "next_scheduled_start_time",
    "deployment",
    "work_queue__last_polled",
    *(f"work_queue__{column}" for column in _QUEUE),
    *(f"work_queue__pool__{column}" for column in _QUEUE),
)


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
