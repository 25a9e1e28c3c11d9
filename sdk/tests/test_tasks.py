from __future__ import annotations

import asyncio
import functools
import threading
import time
from typing import Any

import pytest

from orion import (
    Retry,
    exponential,
    flow,
    get_run_context,
    get_run_logger,
    runtime,
    tags,
    task,
)
from orion.exceptions import MissingContextError, TaskRunTimeoutError


@task
def add(a: int, b: int) -> int:
    return a + b


def test_a_task_runs_without_a_flow() -> None:
    assert add(1, 2) == 3


def test_a_task_can_be_submitted_without_a_flow() -> None:
    assert add.submit(1, b=2).result() == 3


def test_an_async_task_is_awaited() -> None:
    @task
    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x

    @flow
    async def both() -> list[int]:
        return list(await asyncio.gather(later(1), later(2)))

    assert asyncio.run(both()) == [1, 2]


def test_lambdas_partials_and_callables_are_accepted() -> None:
    class Doubler:
        def __call__(self, x: int) -> int:
            return 2 * x

    assert task(lambda x: x + 1)(1) == 2
    assert task(functools.partial(pow, 2))(3) == 8
    assert task(Doubler())(4) == 8


def test_methods_static_and_class_methods_are_accepted() -> None:
    class Shop:
        price = 3

        @task
        def total(self, count: int) -> int:
            return self.price * count

        @staticmethod
        @task
        def fixed(count: int) -> int:
            return count

    shop = Shop()

    assert shop.total(2) == 6
    assert shop.total.submit(3).result() == 9
    assert Shop.fixed(4) == 4


def make_flaky(failures: int, **options: Any) -> tuple[Any, list[int]]:
    attempts: list[int] = []

    @task(**options)
    def flaky() -> int:
        attempts.append(get_run_context().attempt)
        if len(attempts) <= failures:
            raise ConnectionError("down")
        return len(attempts)

    return flaky, attempts


@pytest.mark.parametrize(
    "delay",
    [0, [0, 0], lambda retries: [0] * retries, exponential(base=0), None],
    ids=["number", "list", "callable", "backoff", "none"],
)
def test_a_task_is_retried_with_every_form_of_delay(delay: Any) -> None:
    flaky, attempts = make_flaky(2, retries=2, retry_delay_seconds=delay)

    assert flaky() == 3
    assert attempts == [1, 2, 3]


def test_no_more_retries_than_permitted() -> None:
    flaky, attempts = make_flaky(5, retries=1)

    with pytest.raises(ConnectionError):
        flaky()
    assert len(attempts) == 2


def test_retry_on_chooses_the_exceptions() -> None:
    flaky, attempts = make_flaky(5, retries=3, retry_on=TimeoutError)

    with pytest.raises(ConnectionError):
        flaky()
    assert len(attempts) == 1


def test_the_condition_sees_task_run_and_state() -> None:
    seen: list[Any] = []

    def may(task: Any, run: Any, state: Any) -> bool:
        seen.append((task.name, run.run_count, state.name, state.data))
        return len(seen) < 2

    flaky, attempts = make_flaky(5, retries=5, retry_condition_fn=may)

    with pytest.raises(ConnectionError) as caught:
        flaky()
    assert len(attempts) == 2
    assert seen[-1] == ("flaky", 2, "Failed", caught.value)


def test_a_condition_that_raises_means_no(caplog: pytest.LogCaptureFixture) -> None:
    def broken(task: Any, run: Any, state: Any) -> bool:
        raise RuntimeError("in the condition")

    flaky, attempts = make_flaky(5, retries=5, retry_condition_fn=broken)

    with pytest.raises(ConnectionError):
        flaky()
    assert len(attempts) == 1
    assert "in the condition" in caplog.text


def test_a_task_may_ask_for_a_retry_itself() -> None:
    attempts: list[int] = []

    @task(retries=1, retry_condition_fn=lambda *_: False)
    def asks() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise Retry(after=0)
        return "done"

    assert asks() == "done"


def test_waiting_retries_leave_the_workers_to_others() -> None:
    from orion.task_runners import ThreadPoolTaskRunner

    may_succeed = threading.Event()

    @task(retries=1, retry_delay_seconds=0.2)
    def waits(n: int) -> int:
        if get_run_context().attempt == 1:
            raise ConnectionError("down")
        assert may_succeed.is_set()
        return n

    @task
    def other() -> str:
        may_succeed.set()
        return "free"

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def busy() -> list[int]:
        waiting = waits.map(range(4))
        assert other.submit().result() == "free"
        return waiting.result()

    assert busy() == [0, 1, 2, 3]


def test_keyboard_interrupts_are_not_retried() -> None:
    attempts: list[int] = []

    @task(retries=3)
    def stopped() -> None:
        attempts.append(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert len(attempts) == 1


def test_the_limit_interrupts_a_sleeping_task_in_the_main_thread() -> None:
    @task(timeout_seconds=0.05)
    def sleepy() -> None:
        time.sleep(5)

    with pytest.raises(TaskRunTimeoutError):
        sleepy()


def test_a_submitted_task_is_given_up_at_its_limit() -> None:
    release = threading.Event()

    @task(timeout_seconds=0.05)
    def stuck() -> str:
        release.wait(10)  # a blocking call in C, which nothing can interrupt
        return "too late"

    @flow
    def goes_on() -> str:
        future = stuck.submit()
        assert isinstance(future.exception(), TaskRunTimeoutError)
        assert future.state.name == "TimedOut"
        return "went on"

    try:
        assert goes_on() == "went on"
    finally:
        release.set()


def test_inner_limits_restore_outer_ones() -> None:
    @task(timeout_seconds=5)
    def inner() -> int:
        return 1

    @flow(timeout_seconds=0.1)
    def outer() -> None:
        while True:
            inner()

    assert outer.as_state().name == "TimedOut"


def test_limits_never_leave_anything_behind() -> None:
    from orion.engine.timeouts import _deadlines

    @task(timeout_seconds=5)
    def inner() -> int:
        return 1

    @flow(timeout_seconds=0.01)
    def outer() -> None:
        while True:
            inner()

    for _ in range(8):  # the alarm hits another line each time
        assert outer.as_state().name == "TimedOut"
        assert _deadlines == []


def test_run_names_come_from_templates_and_functions() -> None:
    @task(task_run_name="load {day}")
    def load(day: str) -> Any:
        return runtime.task_run.name

    @task(task_run_name=lambda parameters: f"p-{parameters['day']}")
    def named(day: str = "friday") -> Any:
        return runtime.task_run.name

    assert load("monday") == "load monday"
    assert named() == "p-friday"


def test_tags_of_blocks_are_added_also_to_submitted_runs() -> None:
    @task(tags=["own"])
    def tagged() -> Any:
        return runtime.task_run.tags

    @flow
    def tagging() -> Any:
        with tags("outer"), tags("inner"):
            return tagged.submit().result()

    assert tagging() == ["inner", "outer", "own"]


def test_loggers_and_contexts_need_a_run() -> None:
    with pytest.raises(MissingContextError):
        get_run_logger()
    with pytest.raises(MissingContextError):
        get_run_context()
    assert runtime.flow_run.id is None
    assert runtime.task_run.tags == []


def test_task_runs_log_under_their_names(caplog: pytest.LogCaptureFixture) -> None:
    @task
    def speaks() -> None:
        get_run_logger().info("hello")

    with caplog.at_level("INFO", "orion"):
        speaks()

    record = next(r for r in caplog.records if r.message == "hello")
    assert record.name == "orion.task_runs"
    assert record.__dict__["task_name"] == "speaks"


def test_parameters_are_validated_only_on_request() -> None:
    @task
    def lax(x: int) -> Any:
        return x

    @task(validate_parameters=True)
    def strict(x: int) -> Any:
        return x

    text: Any = "3"

    assert lax(text) == "3"
    assert strict(text) == 3


def test_after_orders_without_data() -> None:
    order: list[str] = []

    @task
    def first() -> None:
        time.sleep(0.02)
        order.append("first")

    @task
    def second() -> None:
        order.append("second")

    @flow
    def ordered() -> None:
        one = first.submit()
        second.after(one).submit().result()

    ordered()

    assert order == ["first", "second"]
