"""The default task runner: daemon threads, started one by one on demand."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from orion.exceptions import FlowCancelled, TaskRunTimeoutError
from orion.settings import settings
from orion.task_runners.base import TaskRunner

if TYPE_CHECKING:
    from orion.engine.work import WorkItem

_here = threading.local()


class ThreadPoolTaskRunner(TaskRunner):
    """Runs up to `max_workers` tasks at once; first come, first served."""

    name = "threads"

    def __init__(self, max_workers: int | None = None) -> None:
        super().__init__()
        if max_workers is not None and max_workers < 1:
            raise ValueError(f"max_workers is at least 1, not {max_workers}")
        self.max_workers = max_workers
        self._limit = (
            max_workers
            or settings().tasks.runner_max_workers
            or min(32, (os.cpu_count() or 1) + 4)
        )
        self._changed = threading.Condition()
        self._queue: deque[WorkItem] = deque()
        self._threads = self._idle = self._blocked = 0
        self._is_closed = False

    def duplicate(self) -> Self:
        return type(self)(self.max_workers)

    def submit(self, item: WorkItem, *, front: bool = False) -> None:
        """Queue it, and wake or start a worker."""
        with self._changed:
            (self._queue.appendleft if front else self._queue.append)(item)
            self._supply()

    def close(self) -> None:
        """Workers leave when the queue is empty."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        super().close()

    def is_worker(self) -> bool:
        return getattr(_here, "runner", None) is not None

    @contextlib.contextmanager
    def blocking(self) -> Iterator[None]:
        """A waiting worker does not count, so that waiting never stops the queue."""
        mine: ThreadPoolTaskRunner | None = getattr(_here, "runner", None)
        if mine is None:
            yield
            return
        with mine._changed:
            mine._blocked += 1
            mine._supply()
        try:
            yield
        finally:
            with mine._changed:
                mine._blocked -= 1

    def lost_worker(self) -> None:
        with self._changed:
            self._threads -= 1
            self._supply()

    def _supply(self) -> None:
        """See that somebody takes the next item; the lock is held."""
        if not self._queue:
            return
        if self._idle >= len(self._queue):
            self._changed.notify()
        elif self._threads - self._blocked < self._limit:
            self._threads += 1
            threading.Thread(
                target=self._work, name=f"orion-worker-{self._threads}", daemon=True
            ).start()
        elif self._idle:
            self._changed.notify()

    def _work(self) -> None:
        _here.runner = self
        try:
            while (item := self._next()) is not None:
                if not item.run():
                    return  # this thread was given up; another took its place
                del item
        except (TaskRunTimeoutError, FlowCancelled):
            return  # the interruption of a call that had just ended

    def _next(self) -> WorkItem | None:
        with self._changed:
            while not self._queue:
                is_surplus = self._threads - self._blocked > self._limit
                if self._is_closed or is_surplus:
                    self._threads -= 1
                    return None
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            return self._queue.popleft()
