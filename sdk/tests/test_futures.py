from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from orion import allow_failure, flow, quote, task
from orion.exceptions import UpstreamTaskError, WouldDeadlock
from orion.futures import Future, as_completed, wait
from orion.states import State
from orion.task_runners import SequentialTaskRunner, ThreadPoolTaskRunner


@task
def add(a: int, b: int) -> int:
    return a + b


@task
def breaks(*_: Any) -> int:
    raise RuntimeError("boom")


@task
async def aadd(a: int, b: int) -> int:
    await asyncio.sleep(0)
    return a + b


def test_futures_are_inputs_at_any_depth() -> None:
    @task
    def total(data: dict[str, list[int]]) -> int:
        return sum(data["x"])

    @flow
    def chain() -> int:
        one, two = add.submit(1, 1), add.submit(2, 2)
        inputs: Any = {"x": [one, two, 5]}
        return total.submit(inputs).result()

    assert chain() == 11


def test_arguments_without_futures_arrive_as_the_same_object() -> None:
    @task
    def same(x: Any) -> Any:
        return x

    given = {"a": [1, {"b": 2}]}

    assert same(given) is given
    assert same.submit(given).result() is given


def test_quoted_arguments_are_not_searched() -> None:
    @task
    def kinds(found: Any) -> list[bool]:
        return [isinstance(each, Future) for each in found]

    @flow
    def passes() -> list[bool]:
        future = add.submit(1, 1)
        future.result()
        return [*kinds(quote([future])), *kinds([future])]

    assert passes() == [True, False]


def test_a_failed_upstream_keeps_the_task_from_running() -> None:
    calls: list[int] = []

    @task
    def needs(x: int) -> None:
        calls.append(x)

    @flow
    def chain() -> State[Any]:
        future = needs.submit(breaks.submit())
        with pytest.raises(UpstreamTaskError, match="boom"):
            future.result()
        return State("COMPLETED", data=future.state.name)

    assert chain.as_state().result() == "NotReady"
    assert calls == []


def test_allowed_failures_arrive_as_exceptions() -> None:
    @task
    def describe(x: Any) -> str:
        return f"{type(x).__name__}: {x}"

    @flow
    def chain() -> str:
        return describe.submit(allow_failure(breaks.submit())).result()

    assert chain() == "RuntimeError: boom"


def test_result_can_return_the_exception() -> None:
    @flow
    def looks() -> str:
        found: Any = breaks.submit().result(raise_on_failure=False)
        return repr(found)

    assert looks() == "RuntimeError('boom')"


def test_a_future_is_neither_true_nor_iterable() -> None:
    @flow
    def misuses() -> None:
        future = add.submit(1, 1)
        with pytest.raises(TypeError, match="not its value"):
            bool(future)
        with pytest.raises(TypeError, match="not its value"):
            list(future)

    misuses()


def test_waiting_has_a_limit() -> None:
    release = threading.Event()

    @task
    def holds() -> None:
        release.wait(10)

    @flow
    def impatient() -> None:
        future = holds.submit()
        assert future.wait(timeout=0.01) is None
        with pytest.raises(TimeoutError):
            future.result(timeout=0.01)
        release.set()
        state = future.wait()
        assert state is not None
        assert state.is_completed()

    impatient()


def test_as_completed_yields_in_the_order_of_ending() -> None:
    gates = [threading.Event() for _ in range(3)]

    @task
    def nth(n: int) -> int:
        gates[n].wait(10)
        return n

    @flow
    def orderly() -> list[int]:
        futures = [nth.submit(n) for n in range(3)]
        order = []
        gates[2].set()
        for each in as_completed(futures):
            order.append(each.result())
            gates[{2: 0, 0: 1, 1: 1}[order[-1]]].set()
        return order

    assert orderly() == [2, 0, 1]


def test_wait_can_stop_at_the_first() -> None:
    release = threading.Event()

    @task
    def holds() -> None:
        release.wait(10)

    @flow
    def first() -> None:
        quick, slow = add.submit(1, 1), holds.submit()
        done, rest = wait([quick, slow], return_when="FIRST_COMPLETED")
        assert done == {quick}
        assert rest == {slow}
        release.set()
        assert wait([quick, slow]).not_done == set()

    first()


def test_futures_can_be_awaited_also_as_they_end() -> None:
    @flow
    async def collects() -> list[int]:
        futures = [aadd.submit(n, 0) for n in range(3)]
        seen = [await each async for each in as_completed(futures)]
        return [*sorted(seen), await add.submit(1, 1)]

    assert asyncio.run(collects()) == [0, 1, 2, 2]


def test_async_tasks_can_be_submitted_from_a_plain_flow() -> None:
    @flow
    def plain() -> int:
        return aadd.submit(add.submit(1, 1).ref, 3).result()

    assert plain() == 5


def test_blocking_a_loop_on_its_own_task_is_refused() -> None:
    @flow
    async def blocks() -> None:
        future = aadd.submit(1, 1)
        with pytest.raises(WouldDeadlock, match="await"):
            future.result()
        with pytest.raises(WouldDeadlock, match="await"):
            add.submit(future.ref, 1).result()
        await future

    asyncio.run(blocks())


def test_nested_submits_do_not_lock_a_single_worker() -> None:
    @task
    def outer(depth: int) -> int:
        return 0 if depth == 0 else 1 + outer.submit(depth - 1).result()

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def deep() -> list[int]:
        return outer.map([5, 4, 3]).result()

    assert deep() == [5, 4, 3]


def test_a_worker_may_wait_for_a_retry_of_another_task() -> None:
    attempts: list[int] = []

    @task(retries=1, retry_delay_seconds=0.05)
    def flaky() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("down")
        return 7

    @task
    def outer() -> int:
        return flaky.submit().result()

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def nested() -> int:
        return outer.submit().result()

    assert nested() == 7


def test_tasks_overlap_on_threads() -> None:
    barrier = threading.Barrier(4, timeout=10)

    @task
    def meets() -> int:
        return barrier.wait()

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=4))
    def together() -> set[int]:
        return {f.result() for f in [meets.submit() for _ in range(4)]}

    assert together() == {0, 1, 2, 3}


def test_the_sequential_runner_runs_at_submit() -> None:
    order: list[int] = []

    @task
    def note(n: int) -> None:
        order.append(n)

    @flow(task_runner=SequentialTaskRunner())
    def one_by_one() -> None:
        for n in range(3):
            future = note.submit(n)
            assert future.done()

    one_by_one()

    assert order == [0, 1, 2]


def test_what_has_not_started_can_be_cancelled() -> None:
    release = threading.Event()

    @task
    def holds(*_: Any) -> None:
        release.wait(10)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def cancels() -> State[Any]:
        first, second = holds.submit(), holds.submit()
        assert second.cancel()
        release.set()
        first.result()
        assert not first.cancel()
        return State("COMPLETED", data=second.state.type)

    assert cancels.as_state().result() == "CANCELLED"


def test_many_mapped_tasks_finish() -> None:
    @flow
    def many() -> int:
        return sum(add.map(range(1000), range(1000)).result())

    assert many() == 999_000
