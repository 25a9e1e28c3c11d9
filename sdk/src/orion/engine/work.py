"""One submitted task run on its way through a task runner."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from orion.engine.effects import Call, Effect, Sleep
from orion.engine.timeouts import interrupt
from orion.engine.timer import after
from orion.exceptions import FlowCancelled
from orion.states import Cancelled, Crashed, State

if TYPE_CHECKING:
    import asyncio

    from orion.engine.effects import Machine
    from orion.futures import Future
    from orion.task_runners.base import TaskRunner

logger = logging.getLogger("orion.task_runners")
WAITING, READY, TAKEN, ASLEEP, DONE = range(5)


class WorkItem:
    """A machine that any worker can drive for a while; retries free the worker."""

    def __init__(
        self, machine: Machine, future: Future[Any], runner: TaskRunner
    ) -> None:
        self.machine, self.future, self.runner = machine, future, runner
        self._context = contextvars.copy_context()
        self._lock = threading.Lock()
        self._stage = WAITING
        self._turn = 0  # grows when a worker is given up: its outcome is void then
        self._worker = 0
        self._error: BaseException | None = None
        self._before: Sequence[Future[Any]] = ()

    def start(self, before: Sequence[Future[Any]]) -> None:
        """Become ready when all these futures have ended; no worker waits for it."""
        self._before = [each for each in before if not each.done()]
        missing = len(self._before) + 1
        count = threading.Lock()

        def arrived(_: object) -> None:
            nonlocal missing
            with count:
                missing -= 1
                is_last = missing == 0
            if is_last:
                self._before = ()
                self._make_ready(front=False)

        for each in self._before:
            each._when_done(arrived)
        arrived(None)

    def _make_ready(self, *, front: bool) -> None:
        with self._lock:
            if self._stage == DONE:
                return
            self._stage = READY
        self.runner.submit(self, front=front)

    def run(self) -> bool:
        """Drive the machine if nobody else does; False if this thread was given up."""
        with self._lock:
            if self._stage != READY:
                return True
            self._stage, turn = TAKEN, self._turn
            context, error, self._error = self._context, self._error, None
        return context.run(self._drive, turn, error)

    def _drive(self, turn: int, error: BaseException | None) -> bool:
        outcome: Any = None
        while True:
            try:
                effect = (
                    self.machine.throw(error) if error else self.machine.send(outcome)
                )
            except StopIteration as end:
                self._end(end.value)
                return True
            except BaseException as problem:
                self._end(Crashed(message=str(problem), data=problem))
                return True
            outcome = error = None
            if isinstance(effect, Sleep) and not self.runner.is_inline:
                with self._lock:
                    self._stage = ASLEEP
                after(effect.seconds, self._wake)
                return True
            try:
                outcome = self._perform(effect, turn)
            except BaseException as problem:
                error = problem
            if self._turn != turn:
                return False

    def _perform(self, effect: Effect, turn: int) -> Any:
        """The user's code is watched: at its deadline we go on without it."""
        if not isinstance(effect, Call) or self.runner.is_inline:
            return effect.perform()
        with self._lock:
            self._worker = threading.get_ident()
        cancel = None
        if effect.timeout is not None:
            cancel = after(effect.timeout, lambda: self._give_up(effect, turn))
        try:
            return effect.perform_unlimited()
        finally:
            if cancel is not None:
                cancel()
            with self._lock:  # we were left behind by now, or never will be
                if self._turn == turn:
                    self._worker = 0

    def _give_up(self, effect: Call, turn: int) -> None:
        """The deadline passed: leave the thread behind and tell the machine."""
        self._leave_behind(effect.expired(), turn)

    def stop(self, error: BaseException) -> None:
        """The flow is being stopped: end the body that runs, if it is Python code."""
        self._leave_behind(FlowCancelled(f"The flow was stopped: {error}"), self._turn)

    def _leave_behind(self, error: BaseException, turn: int) -> None:
        with self._lock:
            if self._turn != turn or not self._worker:
                return
            self._turn += 1
            interrupt(self._worker, type(error))
            self._context = self._context.copy()
            self._error, self._worker = error, 0
        logger.warning(
            "%s: %s; its thread could not be stopped at once and was left behind",
            self.future.name,
            error,
        )
        self.runner.lost_worker()
        self._make_ready(front=True)

    def _wake(self) -> None:
        self._make_ready(front=True)

    def _end(self, state: State[Any]) -> None:
        with self._lock:
            self._stage = DONE
        self.future._finish(state)

    def help(self) -> bool:
        """Run it here if this thread is a worker that would only wait for it."""
        if not self.runner.is_worker():
            return False
        for each in self._before:
            each._wait(None)
        if self._stage == READY:
            self.run()
        return self.future.done()

    def blocking(self) -> contextlib.AbstractContextManager[None]:
        """Tells the runner that its worker waits, so that others may be started."""
        return self.runner.blocking()

    def needs(self, loop: asyncio.AbstractEventLoop) -> bool:
        """True if the run cannot end while this loop is blocked."""
        return any(
            each._work is not None and each._work.needs(loop) for each in self._before
        )

    def cancel(self) -> bool:
        """Give it up if its body has not been called."""
        with self._lock:
            if self._stage not in (WAITING, READY) or self._error is not None:
                return False
            self._stage = DONE
        self.machine.close()
        self.future._finish(Cancelled(message="Cancelled before it started"))
        return True


class LoopWork(WorkItem):
    """A machine driven by a task of an event loop."""

    def __init__(
        self,
        machine: Machine,
        future: Future[Any],
        runner: TaskRunner,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(machine, future, runner)
        self._loop = loop
        self._task: asyncio.Task[None] | None = None

    def start(self, before: Sequence[Future[Any]]) -> None:
        """Start at once: the machine awaits what it needs."""
        self._before = before
        self._loop.call_soon_threadsafe(self._launch, context=self._context)

    def _launch(self) -> None:
        if self._stage != DONE:
            self._stage = TAKEN
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        from orion.engine.aio import run

        try:
            self._end(await run(self.machine))
        except BaseException as problem:
            self._end(Crashed(message=str(problem), data=problem))

    def help(self) -> bool:
        return False

    def needs(self, loop: asyncio.AbstractEventLoop) -> bool:
        return self._loop is loop

    def cancel(self) -> bool:
        """Cancel the task of the loop, or forget it if it has not started."""
        if super().cancel():
            return True
        if self._task is None or self._stage == DONE:
            return False
        self._loop.call_soon_threadsafe(self._task.cancel)
        return True

    def stop(self, error: BaseException) -> None:
        """Its task was cancelled, which is all there is to do."""
