"""Runs each task in the submitting thread, at once."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from orion.task_runners.base import TaskRunner

if TYPE_CHECKING:
    from orion.engine.work import WorkItem


class SequentialTaskRunner(TaskRunner):
    """One task at a time, in the order of submission."""

    name = "sequential"
    is_inline = True

    def __init__(self) -> None:
        super().__init__()
        self._queue: deque[WorkItem] = deque()
        self._guard = threading.Lock()
        self._is_busy = False

    def submit(self, item: WorkItem, *, front: bool = False) -> None:
        """Run it now, after what is running."""
        with self._guard:
            (self._queue.appendleft if front else self._queue.append)(item)
            if self._is_busy:
                return
            self._is_busy = True
        while True:
            with self._guard:
                if not self._queue:
                    self._is_busy = False
                    return
                following = self._queue.popleft()
            following.run()
