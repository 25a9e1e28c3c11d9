"""Carries out what the overlap policy of a schedule says about its due runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from core.actor import Actor
from core.sql import write
from deployments.models import Overlap, Schedule
from deployments.scheduling.making import acting_for
from deployments.scheduling.overlap import Situation, decide
from runs.models import FlowRun
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Because, Proposal
from runs.querysets import FlowRunQuerySet
from runs.states import ACTIVE, StateType

SKIPPED = "Skipped"
SETTLED = (Overlap.QUEUE, Overlap.SKIP, Overlap.REPLACE)
BUSY = Q(state_type__in=(*ACTIVE, StateType.PAUSED))
AGAIN = Q(state_type=StateType.SCHEDULED, run_count__gt=0)  # started before
MOST = 1000  # due runs of one schedule settled in one turn


def in_question(
    now: datetime, most: int, *, without: Iterable[object] = ()
) -> list[UUID]:
    """Schedules with due runs, and a policy that may not let them wait."""
    due = FlowRun.objects.filter(
        deployment=OuterRef("deployment"),
        schedule_identity=OuterRef("identity"),
        state_type=StateType.SCHEDULED,
        next_scheduled_start_time__lte=now,
        run_count=0,
        backfill_id__isnull=True,
    )
    rows = Schedule.objects.filter(
        Exists(due), max_active_runs__isnull=False, overlap_policy__in=SETTLED
    )
    return list(rows.exclude(pk__in=list(without)).order_by("pk").ids(most))


def settle(schedule_id: UUID, *, now: datetime) -> None:
    """Skip the due runs of a schedule, and cancel the active ones, that have to go."""
    schedule = Schedule.objects.select_related("deployment").get(pk=schedule_id)
    runs = FlowRun.objects.filter(
        deployment=schedule.deployment_id,
        schedule_identity=schedule.identity,
        backfill_id__isnull=True,
    )
    limit = schedule.max_active_runs or 1
    active = runs.filter(BUSY | AGAIN).order_by("expected_start_time", "id")
    situation = Situation(
        active.ids(MOST), _waiting(runs, now), limit, schedule.overlap_queue
    )
    found = decide(schedule.overlap_policy, situation)
    actor = acting_for(schedule.deployment)
    why = f"{len(situation.active)} of {limit} runs of its schedule are active"
    for id in found.skipped:
        _skip(id, f"Skipped: {why}.", actor=actor, now=now)
    for id in found.cancelled:
        _cancel(id, actor=actor, now=now)


def _waiting(runs: FlowRunQuerySet, now: datetime) -> list[UUID]:
    due = runs.due(now).filter(run_count=0)
    return due.ids(MOST)


def _skip(id: UUID, why: str, *, actor: Actor, now: datetime) -> None:
    """Cancel a run that nobody has taken meanwhile."""
    proposal = Proposal(StateType.CANCELLED, SKIPPED, why)
    waits = FlowRun.objects.filter(pk=id, state_type=StateType.SCHEDULED, run_count=0)
    with write():
        if waits.claimable().values_list("pk", flat=True).first() is not None:
            _propose(id, proposal, actor=actor, now=now)


def _cancel(id: UUID, *, actor: Actor, now: datetime) -> None:
    """Ask an active run to stop, once."""
    asked = Proposal(
        StateType.CANCELLING,
        message="A newer run of its schedule replaces this one.",
    )
    run: Any = FlowRun.objects.filter(pk=id).exclude(state_type=StateType.CANCELLING)
    if run.exists():
        _propose(id, asked, actor=actor, now=now)


def _propose(id: UUID, proposal: Proposal, *, actor: Actor, now: datetime) -> None:
    because = Because("OverlapPolicy", proposal.message or "", {})
    propose_flow_run(id, proposal, actor=actor, because=because, now=now)
