"""What the end of a flow run does to the tasks and runs below it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.actor import OWNER
from runs import cascade
from runs.explanations import explain
from runs.loops import CancellationCleanup, UnreportedTasks
from runs.models import FlowRun, TaskRun
from runs.orchestration.engine import propose_flow_run, propose_task_run
from runs.orchestration.transition import Proposal
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def end(run: FlowRun, type: str, at: datetime = NOW) -> None:
    propose_flow_run(run.pk, Proposal(type), actor=OWNER, force=True, now=at)


def name_of(run: FlowRun | TaskRun) -> str | None:
    run.refresh_from_db()
    return run.state_name


def child(parent: FlowRun, *, deployed: bool, started: bool = True) -> FlowRun:
    state = make.running() if started else make.scheduled(NOW)
    deployment = make.deployment() if deployed else None
    task = make.task_run(state, flow_run=parent, at=NOW)
    return make.flow_run(state, at=NOW, parent_task_run=task, deployment=deployment)


def running() -> FlowRun:
    return make.flow_run(make.running(), at=NOW, name="outer")


def test_tasks_children_and_grandchildren_are_cancelled_in_one_go() -> None:
    top = running()
    task = make.task_run(make.running(), flow_run=top, at=NOW)
    inner = child(top, deployed=False)
    apart = child(top, deployed=True)
    waiting = child(top, deployed=True, started=False)
    below = child(inner, deployed=False)
    under = child(apart, deployed=True)
    end(top, "CANCELLED", after(1))

    cascade.cancel_below(top.pk, now=after(1), most=100)

    assert [name_of(run) for run in (task, inner, below, waiting)] == ["Cancelled"] * 4
    assert [name_of(run) for run in (apart, under)] == ["Cancelling"] * 2
    told = explain(task)[0]
    assert told.reason == "The parent flow run was cancelled."
    assert [(one.kind, one.name) for one in told.things] == [("flow_run", "outer")]
    for run in (inner, apart):
        mirror = TaskRun.objects.get(pk=run.parent_task_run_id)
        assert mirror.state_name == name_of(run)


@pytest.mark.django_db(transaction=True)
def test_it_happens_before_the_canceller_is_answered() -> None:
    top = running()
    task = make.task_run(make.running(), flow_run=top, at=NOW)
    inner = child(top, deployed=False)
    below = child(inner, deployed=False)

    end(top, "CANCELLED", after(1))

    assert [name_of(run) for run in (task, inner, below)] == ["Cancelled"] * 3


def test_the_loop_does_what_was_left_and_only_once() -> None:
    top, loop = running(), CancellationCleanup()
    inner = child(top, deployed=False)
    end(top, "CANCELLED", after(1))

    assert loop.lag(after(4)) == timedelta(seconds=3)
    loop.tick(after(4))

    assert name_of(inner) == "Cancelled"
    assert loop.lag(after(5)) is None
    states = inner.states.count()
    loop.tick(after(5))
    assert inner.states.count() == states


def test_an_ended_child_stays_as_it_is() -> None:
    top = running()
    done = child(top, deployed=False)
    end(done, "COMPLETED")
    end(top, "CANCELLED", after(1))

    CancellationCleanup().tick(after(2))

    assert name_of(done) == "Completed"


@pytest.mark.parametrize("type", ["COMPLETED", "FAILED", "CRASHED"])
def test_tasks_nobody_reported_are_closed_after_a_while(type: str) -> None:
    run, loop = running(), UnreportedTasks()
    task = make.task_run(make.running(), flow_run=run, at=NOW, name="load")
    done = make.task_run(make.completed(), flow_run=run, at=NOW)
    end(run, type, after(1))

    loop.tick(after(60))
    assert name_of(task) == "Running"
    assert loop.lag(after(63)) == timedelta(seconds=2)
    loop.tick(after(62))

    assert (name_of(task), task.state_type) == ("Unreported", "CRASHED")
    assert task.end_time is not None
    assert task.end_time - NOW < timedelta(seconds=1)  # when it was last heard of
    assert f"outer around the task ended as {type.capitalize()}" in (
        explain(task)[0].sentence
    )
    assert name_of(done) == "Completed"


def test_a_report_that_comes_late_wins() -> None:
    run = running()
    task = make.task_run(make.running(), flow_run=run, at=NOW)
    end(run, "COMPLETED", after(1))
    UnreportedTasks().tick(after(62))

    propose_task_run(task.pk, Proposal("COMPLETED"), actor=OWNER, now=after(63))

    assert name_of(task) == "Completed"


def test_background_tasks_outlive_their_flow() -> None:
    run = running()
    state = Proposal("SCHEDULED", details={"deferred": True})
    task = make.task_run(state, flow_run=run, at=NOW)
    end(run, "COMPLETED", after(1))

    UnreportedTasks().tick(after(62))

    assert name_of(task) == "Scheduled"


def test_a_child_in_the_same_process_ends_with_it_and_another_goes_on() -> None:
    run = running()
    inner, apart = child(run, deployed=False), child(run, deployed=True)
    end(run, "CRASHED", after(1))

    UnreportedTasks().tick(after(62))

    assert (name_of(inner), name_of(apart)) == ("Crashed", "Running")
    mirror = TaskRun.objects.get(pk=apart.parent_task_run_id)
    assert mirror.state_name == "Running"


def test_a_child_that_beats_is_left_alone() -> None:
    run = running()
    inner = child(run, deployed=False)
    make.pulse(inner, last_seen=after(60), interval=10)
    end(run, "CRASHED", after(1))

    UnreportedTasks().tick(after(62))

    assert name_of(inner) == "Running"


def test_a_full_batch_asks_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CancellationCleanup, "batch", 2)
    tops = [running() for _ in range(3)]
    for number, top in enumerate(tops):
        make.task_run(make.running(), flow_run=top, at=NOW)
        end(top, "CANCELLED", after(number))
    loop = CancellationCleanup()

    assert [loop.tick(after(5)) for _ in range(2)] == [True, False]
    assert not TaskRun.objects.filter(state_name="Running").exists()
