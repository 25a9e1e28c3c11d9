from __future__ import annotations

from typing import Any

import pytest

from orion import flow, task
from orion.states import Cancelled, Completed, Failed


@task
def good(x: int = 1) -> int:
    return x


@task
def bad() -> int:
    raise RuntimeError("boom")


def test_a_failure_that_nobody_saw_fails_the_flow() -> None:
    @flow
    def unseen() -> int:
        bad.submit()
        return 1

    state = unseen.as_state()

    assert state.is_failed()
    assert state.message is not None
    assert state.message.startswith("1 unobserved task failure(s): bad-")
    with pytest.raises(RuntimeError, match="boom") as caught:
        unseen()
    assert "Nobody looked" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    "look",
    [
        lambda future: future.state,
        lambda future: future.wait(),
        lambda future: future.exception(),
        lambda future: future.result(raise_on_failure=False),
        lambda future: future.add_done_callback(lambda _: None),
    ],
    ids=["state", "wait", "exception", "result", "callback"],
)
def test_a_failure_that_was_looked_at_is_handled(look: Any) -> None:
    @flow
    def seen() -> int:
        look(bad.submit())
        return 1

    assert seen() == 1


def test_the_rule_of_older_flows_can_be_chosen() -> None:
    @flow(final_state="all_tasks")
    def strict() -> None:
        bad.submit().wait()

    assert strict.as_state().is_failed()


def test_returned_futures_decide() -> None:
    @flow
    def mixed() -> Any:
        return [good.submit(), bad.submit()]

    state = mixed.as_state()

    assert (state.type, state.message) == ("FAILED", "1/2 states failed.")


def test_returned_futures_become_their_values() -> None:
    @flow
    def one() -> Any:
        return good.submit(5)

    @flow
    def many() -> Any:
        return {"a": good.submit(1), "b": good.submit(2)}

    @flow
    def among_values() -> Any:
        return ["x", good.submit(3)]

    assert one() == 5
    assert many() == {"a": 1, "b": 2}
    assert among_values() == ["x", 3]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([Completed(data=1), Completed(data=2)], "COMPLETED"),
        ([Completed(), Cancelled()], "CANCELLED"),
        ([Cancelled(), Failed()], "FAILED"),
    ],
    ids=["all good", "one cancelled", "one failed"],
)
def test_returned_states_decide(states: Any, expected: str) -> None:
    @flow
    def returns() -> Any:
        return states

    assert returns.as_state().type == expected


def test_the_flow_waits_for_what_it_started() -> None:
    done: list[int] = []

    @task
    def later(n: int) -> None:
        done.append(n)

    @flow
    def starts() -> None:
        later.map(range(20))

    starts()

    assert sorted(done) == list(range(20))


def test_an_exception_cancels_what_has_not_started() -> None:
    import threading

    from orion.task_runners import ThreadPoolTaskRunner

    started: list[int] = []
    running, release = threading.Event(), threading.Event()

    @task
    def holds(n: int) -> None:
        started.append(n)
        running.set()
        release.wait(10)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def fails() -> None:
        first = holds.map(range(3))[0]
        running.wait(10)
        threading.Timer(0.05, release.set).start()
        del first
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert started == [0]


def test_a_task_may_return_futures_too() -> None:
    @task
    def starts() -> Any:
        return [good.submit(1), good.submit(2)]

    @task
    def fails() -> Any:
        return bad.submit()

    @flow
    def both() -> Any:
        assert isinstance(fails.submit().exception(), RuntimeError)
        return starts.submit().result()

    assert both() == [1, 2]
