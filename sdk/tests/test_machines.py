"""The machines alone: effects are looked at, never performed."""

from __future__ import annotations

from typing import Any

import pytest

from orion import Retry
from orion.context import FlowRunContext, TaskRunContext
from orion.engine.effects import Await, Call, Gate, Report, Sleep
from orion.engine.flow_machine import flow_machine
from orion.engine.runs import FlowRun, TaskRun
from orion.engine.task_machine import task_machine
from orion.exceptions import Abort
from orion.flows import Flow
from orion.report.offline import OfflineReporter
from orion.report.reporter import Verdict
from orion.states import Failed, State
from orion.tasks import Task


def task_run(**options: Any) -> tuple[Any, TaskRunContext]:
    subject: Task[..., Any] = Task(lambda: None, name="work", **options)
    ctx = TaskRunContext(
        subject,
        TaskRun("work", "work", "0"),
        OfflineReporter(),
        bound=subject.signature.bind(),
        parent=None,
    )
    return task_machine(ctx, [], lambda: None, None), ctx


def flow_run(**options: Any) -> tuple[Any, FlowRunContext]:
    subject: Flow[..., Any] = Flow(lambda: None, name="plan", **options)
    ctx = FlowRunContext(
        subject, FlowRun("plan"), OfflineReporter(), parent=None, log_prints=False
    )
    ctx.bound = subject.signature.bind()
    return flow_machine(ctx, [], lambda: None, lambda: None), ctx


def ends(machine: Any, send: Any = None, throw: BaseException | None = None) -> Any:
    """The final state: the machine must end here."""
    with pytest.raises(StopIteration) as end:
        machine.throw(throw) if throw else machine.send(send)
    return end.value.value


def test_a_task_that_works_is_started_called_and_told() -> None:
    machine, ctx = task_run()

    assert isinstance(next(machine), Report)
    assert isinstance(machine.send(None), Call)
    assert isinstance(machine.send(42), Report)
    state = ends(machine)

    assert state.result() == 42
    assert [s.name for s in ctx.run.history] == ["Running", "Completed"]


def test_a_task_that_fails_sleeps_before_it_is_called_again() -> None:
    machine, ctx = task_run(retries=1, retry_delay_seconds=7)
    next(machine)
    machine.send(None)

    assert isinstance(machine.throw(ValueError("no")), Report)
    pause = machine.send(None)
    assert isinstance(pause, Sleep)
    assert pause.seconds == 7
    assert isinstance(machine.send(None), Report)
    assert isinstance(machine.send(None), Call)
    assert isinstance(machine.throw(ValueError("no")), Report)
    state = ends(machine)

    assert state.is_failed()
    assert [s.name for s in ctx.run.history] == [
        "Running",
        "AwaitingRetry",
        "Retrying",
        "Failed",
    ]


def test_a_requested_delay_wins() -> None:
    machine, _ = task_run(retries=1, retry_delay_seconds=7)
    next(machine)
    machine.send(None)
    machine.throw(Retry(after=30))

    pause = machine.send(None)

    assert isinstance(pause, Sleep)
    assert pause.seconds == 30


def into_flow(**options: Any) -> tuple[Any, FlowRunContext]:
    """A flow machine that has just asked whether it may run."""
    machine, ctx = flow_run(**options)
    assert isinstance(next(machine), Await)
    assert isinstance(machine.send(None), Gate)  # create
    assert isinstance(machine.send(None), Gate)  # propose Running
    return machine, ctx


def test_a_flow_waits_as_long_as_the_server_says() -> None:
    machine, _ = into_flow()

    pause = machine.send(Verdict("WAIT", delay=12))
    assert isinstance(pause, Sleep)
    assert pause.seconds == 12
    assert isinstance(machine.send(None), Gate)
    assert isinstance(machine.send(Verdict("ACCEPT")), Call)


def test_a_flow_that_may_not_start_is_aborted() -> None:
    machine, _ = into_flow()

    with pytest.raises(Abort, match="taken"):
        machine.send(Verdict("ABORT", reason="taken"))


def test_a_flow_that_has_ended_elsewhere_is_not_run() -> None:
    machine, _ = into_flow()

    state = ends(machine, Verdict("REJECT", Failed(message="by hand")))

    assert state.message == "by hand"


def test_a_flow_that_is_being_cancelled_says_so_and_ends() -> None:
    machine, _ = into_flow()

    assert isinstance(machine.send(Verdict("REJECT", State("CANCELLING"))), Gate)
    assert ends(machine, Verdict("ACCEPT")).is_cancelled()


def test_a_flow_asks_before_it_ends_and_obeys() -> None:
    machine, ctx = into_flow()
    assert isinstance(machine.send(Verdict("ACCEPT")), Call)
    assert isinstance(machine.send("value"), Await)  # for what it has started
    assert isinstance(machine.send(None), Gate)  # settle
    assert isinstance(machine.send(None), Gate)  # propose the end

    state = ends(machine, Verdict("REJECT", State("CANCELLED", message="stop")))

    assert state.is_cancelled()
    assert ctx.run.state is state
