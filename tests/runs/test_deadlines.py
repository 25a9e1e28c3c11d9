"""Pauses, cancellings and running times that are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.actor import OWNER
from core.dialect import THREE, TWO, Dialect
from core.loops import Loop
from runs.explanations import explain
from runs.loops import CancellingDeadline, ExpiredPauses, RunTimeLimit
from runs.models import FlowRun, FlowRunState
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Outcome, Proposal, stamp
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def started(**columns: object) -> FlowRun:
    """A run that a worker has started."""
    run = make.flow_run(make.scheduled(after(-2)), at=after(-2), **columns)
    FlowRun.objects.filter(pk=run.pk).update(infrastructure_pid="host:1")
    propose(run, Proposal("PENDING"), after(-1))
    propose(run, Proposal("RUNNING"), NOW)
    return run


def propose(
    run: FlowRun, proposal: Proposal, at: datetime, dialect: Dialect = THREE
) -> Outcome:
    return propose_flow_run(run.pk, proposal, actor=OWNER, dialect=dialect, now=at)


def pause(seconds: float) -> Proposal:
    until = stamp(after(seconds))
    return Proposal("PAUSED", details={"pause_timeout": until, "pause_key": "1"})


def state(run: FlowRun) -> FlowRunState:
    run.refresh_from_db()
    return FlowRunState.objects.get(pk=run.state_id)


def test_a_pause_that_nobody_ended_fails_the_run() -> None:
    run, loop = started(), ExpiredPauses()
    propose(run, pause(60), after(1))

    loop.tick(after(59))
    assert state(run).name == "Paused"
    assert loop.lag(after(63)) == timedelta(seconds=3)
    loop.tick(after(61))

    assert (state(run).type, state(run).message) == (
        "FAILED",
        "The flow was paused and never resumed.",
    )
    assert explain(run)[0].rule == "ExpiredPauses"
    assert (run.deadline, loop.lag(after(99))) == (None, None)


def test_a_resumed_run_keeps_no_deadline() -> None:
    run = started()
    propose(run, pause(60), after(1))
    propose(run, Proposal("RUNNING"), after(2))

    ExpiredPauses().tick(after(100))

    assert state(run).name == "Running"


@pytest.mark.parametrize("dialect", [TWO, THREE])
def test_a_cancelling_that_nobody_confirms_ends_with_a_mark(dialect: Dialect) -> None:
    run, loop = started(), CancellingDeadline()
    propose(run, Proposal("CANCELLING"), after(10), dialect)

    loop.tick(after(309))
    assert state(run).name == "Cancelling"
    loop.tick(after(310))

    assert state(run).type == "CANCELLED"
    assert state(run).message == (
        "Flow run cancellation timed out; marked this flow run as Cancelled."
    )
    assert state(run).details["unconfirmed"] is True
    assert explain(run)[0].sentence == (
        "The step from Cancelling to Cancelled was made: nobody confirmed within 300 s "
        "that the process of the run has ended: its infrastructure is unconfirmed."
    )


def test_the_slot_of_an_unconfirmed_run_is_free() -> None:
    limit = make.limit(1, name="deployment:x")
    deployment = make.deployment(concurrency_limit=limit)
    run, other = started(deployment=deployment), make.flow_run(deployment=deployment)
    propose(run, Proposal("CANCELLING"), NOW)

    CancellingDeadline().tick(after(301))

    assert propose(other, Proposal("PENDING"), after(302)).state.type == "PENDING"  # type: ignore[union-attr]


@pytest.mark.parametrize("dialect", [TWO, THREE])
@pytest.mark.parametrize("name", ["Scheduled", "Late"])
def test_what_has_no_process_is_cancelled_in_the_answer(
    name: str, dialect: Dialect
) -> None:
    run = make.flow_run(make.scheduled(NOW, name=name), at=NOW)

    outcome = propose(run, Proposal("CANCELLING"), after(1), dialect)

    assert outcome.state is not None
    assert (outcome.status, outcome.state.type) == ("REJECT", "CANCELLED")


def limited() -> FlowRun:
    deployment = make.deployment(name="nightly", max_run_seconds=60)
    return started(deployment=deployment)


def test_a_run_over_its_time_is_stopped_and_has_timed_out() -> None:
    run, loop = limited(), RunTimeLimit()

    loop.tick(after(59))
    assert state(run).name == "Running"
    assert loop.lag(after(62)) == timedelta(seconds=2)
    loop.tick(after(60))
    message = (
        "The run was stopped after 60 s, the longest that deployment nightly lets it "
        "run."
    )
    assert (state(run).type, state(run).message) == ("CANCELLING", message)
    told = explain(run)[0]
    assert [(one.kind, one.name) for one in told.things] == [("deployment", "nightly")]

    outcome = propose(run, Proposal("CANCELLED"), after(62))

    assert outcome.status == "REJECT"
    assert (state(run).type, state(run).name) == ("FAILED", "TimedOut")
    assert state(run).message == message


@pytest.mark.parametrize("dialect", [TWO, THREE])
def test_workers_force_the_end_and_it_is_timed_out_all_the_same(
    dialect: Dialect,
) -> None:
    run = limited()
    RunTimeLimit().tick(after(60))

    propose_flow_run(
        run.pk,
        Proposal("CANCELLED"),
        actor=OWNER,
        dialect=dialect,
        force=True,
        now=after(61),
    )

    assert state(run).name == "TimedOut"


def test_a_timed_out_run_whose_worker_is_silent_ends_after_the_deadline() -> None:
    run = limited()
    RunTimeLimit().tick(after(60))

    CancellingDeadline().tick(after(361))

    assert (state(run).name, state(run).details["unconfirmed"]) == ("TimedOut", True)


def test_a_run_that_ends_in_time_has_no_deadline() -> None:
    run = limited()
    propose(run, Proposal("COMPLETED"), after(59))

    RunTimeLimit().tick(after(61))

    assert (state(run).name, run.deadline) == ("Completed", None)


@pytest.mark.parametrize("kind", [ExpiredPauses, CancellingDeadline, RunTimeLimit])
def test_a_full_batch_asks_for_more(
    kind: type[ExpiredPauses], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "batch", 2)
    for _ in range(3):
        run = make.flow_run(make.STATES[kind.state](), at=NOW)
        FlowRun.objects.filter(pk=run.pk).update(deadline=NOW)
    loop: Loop = kind()

    assert [loop.tick(after(1)) for _ in range(2)] == [True, False]
    assert loop.lag(after(1)) is None
