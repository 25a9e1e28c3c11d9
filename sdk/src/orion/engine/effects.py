"""What a machine asks its shell to do; each effect knows how in both colours."""

from __future__ import annotations

import contextlib
import time
from collections.abc import (
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from typing import TYPE_CHECKING, Any

from orion.context import RunContext, current
from orion.engine.prints import routed
from orion.engine.timeouts import check_limits, time_limit

if TYPE_CHECKING:
    from orion.futures import Future
    from orion.states import State

    Machine = Generator["Effect", Any, State[Any]]


class Effect:
    """One thing to do outside of the machine."""

    __slots__ = ()

    def perform(self) -> Any:
        """Do it in this thread."""
        raise NotImplementedError

    async def aperform(self) -> Any:
        """Do it without blocking the loop."""
        return self.perform()


class Call(Effect):
    """Run the user's function inside of its run."""

    __slots__ = ("args", "context", "expired", "fn", "kwargs", "timeout")

    def __init__(
        self,
        context: RunContext,
        fn: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        timeout: float | None,
        expired: Callable[[], BaseException],
    ) -> None:
        self.context, self.fn, self.args, self.kwargs = context, fn, args, kwargs
        self.timeout, self.expired = timeout, expired

    def perform(self) -> Any:
        """Call it here; the time limit interrupts it where that is possible."""
        check_limits()
        with time_limit(self.timeout, self.expired):
            return self.perform_unlimited()

    def perform_unlimited(self) -> Any:
        """Call it here; somebody else watches the time."""
        token = current.set(self.context)
        try:
            with routed(self.context):
                return self.fn(*self.args, **self.kwargs)
        finally:
            current.reset(token)

    async def aperform(self) -> Any:
        """Await it in this task of the loop."""
        import asyncio

        token = current.set(self.context)
        try:
            with routed(self.context):
                try:
                    async with asyncio.timeout(self.timeout) as limit:
                        return await self.fn(*self.args, **self.kwargs)
                except TimeoutError as error:
                    if limit.expired():
                        raise self.expired() from error
                    raise
        finally:
            current.reset(token)


class Gate(Effect):
    """Ask the server something and wait for the verdict."""

    __slots__ = ("ask", "is_instant")

    def __init__(self, ask: Callable[[], Any], *, is_instant: bool) -> None:
        self.ask, self.is_instant = ask, is_instant

    def perform(self) -> Any:
        return self.ask()

    async def aperform(self) -> Any:
        if self.is_instant:
            return self.ask()
        import asyncio

        return await asyncio.to_thread(self.ask)


class Report(Effect):
    """Tell a fact; this never waits."""

    __slots__ = ("tell",)

    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell = tell

    def perform(self) -> None:
        self.tell()


class Write(Gate):
    """Store or fetch something, which may take a moment."""

    __slots__ = ()

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(work, is_instant=False)


class Sleep(Effect):
    """Let time pass; a task runner lends its worker to others meanwhile."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = max(0.0, seconds)

    def perform(self) -> None:
        time.sleep(self.seconds)

    async def aperform(self) -> None:
        import asyncio

        await asyncio.sleep(self.seconds)


class Await(Effect):
    """Wait until these futures have ended, however they end, or time is up."""

    __slots__ = ("futures", "timeout")

    def __init__(
        self, futures: Iterable[Future[Any]], timeout: float | None = None
    ) -> None:
        self.futures, self.timeout = list(futures), timeout

    def perform(self) -> None:
        check_limits()
        until = None if self.timeout is None else time.monotonic() + self.timeout
        for each in self.futures:
            each._wait(None if until is None else max(0.0, until - time.monotonic()))

    async def aperform(self) -> None:
        if all(each.done() for each in self.futures):
            return
        import asyncio

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.timeout):
                for each in self.futures:
                    await each._until_done()


class Hooks(Effect):
    """Call the hooks of a state; what they raise is logged and changes nothing."""

    __slots__ = ("arguments", "context", "hooks")

    def __init__(
        self,
        context: RunContext,
        hooks: Sequence[Callable[..., Any]],
        arguments: tuple[Any, ...],
    ) -> None:
        self.context, self.hooks, self.arguments = context, list(hooks), arguments

    def perform(self) -> None:
        for hook in self.hooks:
            with self._inside(hook):
                answer = hook(*self.arguments)
                if hasattr(answer, "__await__"):
                    import asyncio

                    asyncio.run(answer)

    async def aperform(self) -> None:
        for hook in self.hooks:
            with self._inside(hook):
                answer = hook(*self.arguments)
                if hasattr(answer, "__await__"):
                    await answer

    @contextlib.contextmanager
    def _inside(self, hook: Callable[..., Any]) -> Iterator[None]:
        token = current.set(self.context)
        try:
            with routed(self.context):
                yield
        except Exception:
            self.context.logger.exception("A hook of this run failed: %r", hook)
        finally:
            current.reset(token)
