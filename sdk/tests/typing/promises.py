"""The static types that users see; checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, assert_type

from orion import Future, State, flow, task
from orion.futures import FutureList


@task
def n(x: int) -> str:
    return str(x)


@task(retries=3, retry_delay_seconds=[1, 2], tags=["a"])
async def a(x: int) -> str:
    return str(x)


@flow(name="sync", retries=1)
def f(x: int, y: str = "") -> float:
    return 1.0


@flow
async def g(x: int) -> float:
    return 1.0


class Shop:
    @task
    def total(self, count: int) -> int:
        return count

    @flow
    async def open(self, hours: int) -> str:
        return str(hours)


assert_type(n(1), str)
coroutine_1 = assert_type(a(1), Coroutine[Any, Any, str])
assert_type(n.submit(1), Future[str])
assert_type(a.submit(1), Future[str])
assert_type(n.map([1, 2]), FutureList[str])
assert_type(n.map([1, 2]).result(), list[str])
assert_type(a.map([1, 2]), FutureList[str])
assert_type(n.as_state(1), State[str])
coroutine_2 = assert_type(a.as_state(1), Coroutine[Any, Any, State[str]])
assert_type(n.submit(1).result(), str)
assert_type(n.submit(1).ref, str)
assert_type(n.after(n.submit(1)).submit(1), Future[str])
assert_type(a.after(n.submit(1)).submit(1), Future[str])
assert_type(n.with_options(retries=1)(1), str)
assert_type(f(1, y="a"), float)
assert_type(f.as_state(1), State[float])
coroutine_3 = assert_type(g(1), Coroutine[Any, Any, float])
coroutine_4 = assert_type(g.as_state(1), Coroutine[Any, Any, State[float]])
assert_type(Shop().total(1), int)
assert_type(Shop().total.submit(1), Future[int])
coroutine_5 = assert_type(Shop().open(1), Coroutine[Any, Any, str])


async def awaits() -> None:
    assert_type(await a(1), str)
    assert_type(await a.submit(1), str)
    assert_type(await n.map([1]), list[str])


@n.on_failure
def told(task: object, run: object, state: object) -> None: ...
