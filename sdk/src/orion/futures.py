"""Futures of submitted tasks, and waiting for many of them."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, NoReturn, TypeVar
from uuid import UUID

from orion.exceptions import WouldDeadlock
from orion.states import State

if TYPE_CHECKING:
    import asyncio

    from orion.engine.runs import TaskRun
    from orion.engine.work import WorkItem
    from orion.tasks import Task

R = TypeVar("R")
_lock = threading.Lock()  # guards the short hand-over in every future


class Future(Generic[R]):
    """A task run that was handed to a task runner."""

    __slots__ = (
        "__weakref__",
        "_callbacks",
        "_is_observed",
        "_run",
        "_state",
        "_work",
        "task",
    )

    def __init__(self, task: Task[..., Any], run: TaskRun) -> None:
        self.task, self._run = task, run
        self._state: State[R] | None = None
        self._callbacks: list[Callable[[Future[R]], object]] = []
        self._work: WorkItem | None = None
        self._is_observed = False

    def __repr__(self) -> str:
        said = repr(self._state) if self._state else "not done"
        return f"Future({self.name!r}, {said})"

    def __iter__(self) -> NoReturn:
        raise TypeError("A future is not its value: call .result() and iterate over it")

    def __bool__(self) -> NoReturn:
        raise TypeError("A future is not its value: call .result() or .done()")

    @property
    def task_run_id(self) -> UUID:
        return self._run.id

    @property
    def name(self) -> str:
        """The name of the task run."""
        return self._run.name

    @property
    def ref(self) -> R:
        """For type checkers the value, at run time this future: pass it on as input."""
        itself: Any = self
        return itself  # type: ignore[no-any-return]  # that is its purpose

    @property
    def state(self) -> State[R]:
        """The state now; looking at it counts as having seen a failure."""
        self._is_observed = True
        return self._state or self._run.state or State("PENDING")

    def done(self) -> bool:
        """True when the run has ended."""
        return self._state is not None

    def wait(self, timeout: float | None = None) -> State[R] | None:
        """Block until the run has ended; None if that took too long."""
        self._is_observed = True
        return self._wait(timeout)

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> R:
        """Block until the run has ended; its value, or its exception raised."""
        self._is_observed = True
        state = self._wait(timeout)
        if state is None:
            raise TimeoutError(f"{self.name} has not ended within {timeout} seconds")
        return state.result(raise_on_failure)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Block until the run has ended; what it raised, or None."""
        self._is_observed = True
        state = self._wait(timeout)
        if state is None:
            raise TimeoutError(f"{self.name} has not ended within {timeout} seconds")
        return None if state.is_completed() else state.exception()

    def cancel(self) -> bool:
        """Give up a run that has not started; False if it has."""
        return self._work is not None and self._work.cancel()

    def add_done_callback(self, fn: Callable[[Future[R]], object]) -> None:
        """Call `fn` with this future once the run has ended; at once if it has."""
        self._is_observed = True
        self._when_done(fn)

    def __await__(self) -> Generator[Any, None, R]:
        self._is_observed = True
        yield from self._until_done().__await__()
        assert self._state is not None  # noqa: S101 - for type checkers
        return self._state.result()

    async def _until_done(self) -> None:
        """Suspend until the run has ended, without looking at how."""
        if self._state is not None:
            return
        import asyncio

        loop = asyncio.get_running_loop()
        waiter = loop.create_future()

        def wake() -> None:
            if not waiter.done():
                waiter.set_result(None)

        self._when_done(lambda _: loop.call_soon_threadsafe(wake))
        await waiter

    def _when_done(self, fn: Callable[[Future[R]], object]) -> None:
        with _lock:
            if self._state is None:
                self._callbacks.append(fn)
                return
        fn(self)

    def _finish(self, state: State[R]) -> None:
        """End this future; the first state wins."""
        with _lock:
            if self._state is not None:
                return
            self._state = state
            waiting, self._callbacks = self._callbacks, []
            self._work = None
        for fn in waiting:
            fn(self)

    def _wait(self, timeout: float | None) -> State[R] | None:
        if self._state is None:
            work = self._work
            if work is not None:
                self._refuse_deadlock(work)
                if timeout is None and work.help():
                    return self._state
            done = threading.Event()
            self._when_done(lambda _: done.set())
            if work is not None:
                with work.blocking():
                    done.wait(timeout)
            else:
                done.wait(timeout)
        return self._state

    def _refuse_deadlock(self, work: WorkItem) -> None:
        loop = _running_loop()
        if loop is not None and work.needs(loop):
            raise WouldDeadlock(
                f"{self.name} runs on this event loop, which .result() would block: "
                "write `await future` instead"
            )


def _running_loop() -> asyncio.AbstractEventLoop | None:
    import sys

    loaded = sys.modules.get("asyncio")
    return loaded._get_running_loop() if loaded else None


class FutureList(list[Future[R]], Generic[R]):
    """The futures of one `.map`, in the order of its elements."""

    def result(
        self,
        timeout: float | None = None,
        raise_on_failure: bool = True,
        return_exceptions: bool = False,
    ) -> list[R]:
        """All values; exceptions take their place if they are not to be raised."""
        until = None if timeout is None else time.monotonic() + timeout
        do_raise = raise_on_failure and not return_exceptions
        return [each.result(_left(until), do_raise) for each in self]

    def wait(self, timeout: float | None = None) -> DoneAndNotDone:
        """Block until all have ended."""
        return wait(self, timeout)

    @property
    def states(self) -> list[State[R]]:
        return [each.state for each in self]

    def as_completed(self, timeout: float | None = None) -> AsCompleted:
        """The futures in the order in which they end."""
        return as_completed(self, timeout)

    def __await__(self) -> Generator[Any, None, list[R]]:
        return (yield from gather(*self).__await__())


class DoneAndNotDone(NamedTuple):
    """What `wait` found."""

    done: set[Future[Any]]
    not_done: set[Future[Any]]


When = Literal["ALL", "FIRST_COMPLETED", "FIRST_EXCEPTION"]


def wait(
    futures: Iterable[Future[Any]],
    timeout: float | None = None,
    return_when: When = "ALL",
) -> DoneAndNotDone:
    """Block until all have ended, or the first one, or the first failure."""
    everything = list(futures)
    done: set[Future[Any]] = set()
    try:
        for each in AsCompleted(everything, timeout):
            done.add(each)
            has_failed = each._state is not None and not each._state.is_completed()
            if return_when == "FIRST_COMPLETED" or (
                return_when == "FIRST_EXCEPTION" and has_failed
            ):
                break
    except TimeoutError:
        pass
    done |= {each for each in everything if each.done()}
    return DoneAndNotDone(done, set(everything) - done)


def as_completed(
    futures: Iterable[Future[Any]], timeout: float | None = None
) -> AsCompleted:
    """Yield futures as they end; works with `for` and with `async for`."""
    return AsCompleted(list(futures), timeout)


async def gather(*futures: Future[Any]) -> list[Any]:
    """The values of all futures, in order."""
    return [await each for each in futures]


class AsCompleted:
    """Futures in the order in which they end."""

    def __init__(self, futures: list[Future[Any]], timeout: float | None) -> None:
        self._futures = list(dict.fromkeys(futures))
        self._timeout = timeout

    def __iter__(self) -> Iterator[Future[Any]]:
        import queue

        ended: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        until = None if self._timeout is None else time.monotonic() + self._timeout
        for each in self._futures:
            each._is_observed = True
            each._when_done(ended.put)
        for _ in self._futures:
            if until is None and ended.empty():
                self._help()
            try:
                yield ended.get(timeout=_left(until))
            except queue.Empty:
                raise TimeoutError("Not all futures have ended in time") from None

    def _help(self) -> None:
        """Run a waiting item here if this is a worker that would only block."""
        for each in self._futures:
            work = each._work
            if not each.done() and work is not None and work.help():
                return

    async def __aiter__(self) -> AsyncIterator[Future[Any]]:
        import asyncio

        loop = asyncio.get_running_loop()
        ended: asyncio.Queue[Future[Any]] = asyncio.Queue()

        def pass_on(each: Future[Any]) -> None:
            loop.call_soon_threadsafe(ended.put_nowait, each)

        for each in self._futures:
            each._is_observed = True
            each._when_done(pass_on)
        async with asyncio.timeout(self._timeout):
            for _ in self._futures:
                yield await ended.get()


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic())
