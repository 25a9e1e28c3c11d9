"""Runs that promised signs of life and fell silent."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.actor import OWNER
from core.clock import now
from runs.loops import ZombieKiller
from runs.models import Decision, FlowRun, FlowRunState, Pulse
from runs.orchestration.engine import propose_flow_run, propose_task_run
from runs.orchestration.transition import Proposal
from tests.factories import completed, flow_run, pulse, running, task_run

pytestmark = pytest.mark.django_db

INTERVAL = 10.0
DEADLINE = timedelta(seconds=4 * INTERVAL + 5)


def silent_run(since: timedelta) -> FlowRun:
    """A running run, last heard of some time ago."""
    start = now() - since - timedelta(minutes=5)
    run = flow_run(state=running(), at=start)
    pulse(run, last_seen=now() - since, interval=INTERVAL)
    return run


def watch(at: datetime | None = None) -> None:
    ZombieKiller().tick(at or now())


def state_of(run: FlowRun) -> str | None:
    run.refresh_from_db()
    return run.state_name


def test_a_run_silent_for_four_intervals_is_crashed_with_the_reason() -> None:
    run = silent_run(DEADLINE + timedelta(seconds=1))

    watch()

    assert state_of(run) == "Crashed"
    state = FlowRunState.objects.get(pk=run.state_id)
    assert "No sign of life" in (state.message or "")
    assert state.details["inferred"] is True
    decision = Decision.objects.get(flow_run=run)
    assert (decision.rule, decision.verdict) == ("ZombieKiller", "ACCEPT")
    assert decision.state_id == run.state_id


def test_a_run_heard_of_in_time_goes_on() -> None:
    run = silent_run(DEADLINE - timedelta(seconds=5))

    watch()

    assert state_of(run) == "Running"
    assert not Decision.objects.filter(flow_run=run).exists()


def test_a_run_that_promised_nothing_is_left_alone() -> None:
    run = flow_run(state=running(), at=now() - timedelta(hours=5))

    watch()

    assert state_of(run) == "Running"


def test_a_recent_state_counts_as_a_sign_of_life() -> None:
    run = silent_run(DEADLINE + timedelta(seconds=1))
    propose_flow_run(run.id, running(), actor=OWNER, now=now())

    watch()

    assert state_of(run) == "Running"


def test_the_clients_own_report_overrides_an_inferred_crash() -> None:
    run = silent_run(DEADLINE + timedelta(seconds=1))
    watch()

    outcome = propose_flow_run(run.id, completed(), actor=OWNER)

    assert outcome.status == "ACCEPT"
    history = FlowRunState.objects.filter(flow_run=run).order_by("timestamp")
    assert [state.name for state in history][-2:] == ["Crashed", "Completed"]
    run.refresh_from_db()
    assert run.end_time == run.state_timestamp


def test_an_inferred_crash_does_not_stop_the_tasks_of_a_living_flow() -> None:
    run = silent_run(DEADLINE + timedelta(seconds=1))
    task = task_run(flow_run=run)
    watch()

    outcome = propose_task_run(task.id, running(), actor=OWNER)

    assert outcome.status == "ACCEPT"


def test_a_reported_crash_does_stop_the_tasks() -> None:
    run = flow_run(state=running())
    task = task_run(flow_run=run)
    propose_flow_run(run.id, Proposal("CRASHED"), actor=OWNER)

    outcome = propose_task_run(task.id, running(), actor=OWNER)

    assert outcome.status == "ABORT"


def test_ended_runs_keep_no_pulse() -> None:
    run = flow_run(state=completed())
    pulse(run, last_seen=now(), interval=INTERVAL)

    watch()

    assert not Pulse.objects.filter(flow_run=run).exists()
    assert state_of(run) == "Completed"
