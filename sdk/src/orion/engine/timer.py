"""One thread that calls things later: retry delays and time limits of workers."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

Action = Callable[[], None]


class Timer:
    """Calls actions at their time; the thread starts with the first one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, list[Action]]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def after(self, seconds: float, action: Action) -> Action:
        """Call `action` after that long; the answer calls it off."""
        cell = [action]
        with self._changed:
            due = time.monotonic() + seconds
            heapq.heappush(self._heap, (due, next(self._numbers), cell))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._loop, name="orion-timer", daemon=True
                )
                self._thread.start()
            self._changed.notify()
        return cell.clear

    def _loop(self) -> None:
        while True:
            with self._changed:
                while not self._heap or self._heap[0][0] > time.monotonic():
                    due = self._heap[0][0] if self._heap else None
                    self._changed.wait(
                        None if due is None else max(0.0, due - time.monotonic())
                    )
                cell = heapq.heappop(self._heap)[2]
            for action in cell[:1]:
                action()


_timer = Timer()


def after(seconds: float, action: Action) -> Action:
    """Call `action` later on the process's timer thread; the answer calls it off."""
    return _timer.after(seconds, action)
