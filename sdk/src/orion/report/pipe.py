"""Background delivery of facts: in order for each run, over a few connections."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from orion.exceptions import ApiUnreachable, HTTPStatusError

LANES = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0


class Fact:
    """Something that has happened, and how to tell it."""

    __slots__ = ("group", "key", "record", "send")

    def __init__(
        self,
        key: str,
        group: str,
        send: Callable[[], None],
        record: Callable[[], dict[str, Any]],
    ) -> None:
        self.key, self.group = key, group
        self.send, self.record = send, record


class Pipe:
    """A few lanes; all facts of one run travel in the same lane."""

    def __init__(self, lanes: int = LANES) -> None:
        self._changed = threading.Condition()
        self._pid = os.getpid()
        self._count = lanes
        self._start_over()

    def _start_over(self) -> None:
        self._lanes: list[deque[Fact]] = [deque() for _ in range(self._count)]
        self._threads: list[threading.Thread | None] = [None] * self._count
        self._open: Counter[str] = Counter()  # facts under way, by run and by flow
        self._is_giving_up = False
        self._lost: list[Fact] = []
        self._delivered = 0

    def put(self, fact: Fact) -> None:
        """Queue a fact; this never waits."""
        with self._changed:
            if self._pid != os.getpid():  # a forked child has none of our threads
                self._pid = os.getpid()
                self._start_over()
            lane = hash(fact.key) % self._count
            self._lanes[lane].append(fact)
            self._open[fact.key] += 1
            self._open[fact.group] += 1
            thread = self._threads[lane]
            if thread is None or not thread.is_alive():
                thread = self._threads[lane] = threading.Thread(
                    target=self._run,
                    args=(self._lanes[lane],),
                    name=f"orion-writer-{lane}",
                    daemon=True,
                )
                thread.start()
            self._changed.notify_all()

    def settle(self, key: str, patience: float | None = None) -> bool:
        """Wait until nothing of this run or flow is under way."""
        with self._changed:
            return self._wait_for(lambda: not self._open[key], patience)

    def drain(self, patience: float) -> list[Fact]:
        """Wait while facts arrive; what does not for so long is handed back."""
        with self._changed:
            if not self._wait_for(self._is_empty, patience):
                self._is_giving_up = True
                self._changed.notify_all()
                self._changed.wait_for(self._is_empty, LONGEST_PAUSE)
                self._is_giving_up = False
            lost, self._lost = self._lost, []
            return lost

    def _wait_for(self, is_so: Callable[[], bool], patience: float | None) -> bool:
        """False only if nothing at all was delivered for that long."""
        while True:
            before = self._delivered

            def has_moved(before: int = before) -> bool:
                return is_so() or self._delivered != before

            if not self._changed.wait_for(has_moved, patience):
                return False
            if is_so():
                return True

    def _is_empty(self) -> bool:
        return not any(self._lanes)

    def _run(self, lane: deque[Fact]) -> None:
        while True:
            with self._changed:
                while not lane:
                    self._changed.wait()
                fact = lane[0]
            is_lost = not self._deliver(fact)
            with self._changed:
                lane.popleft()
                for name in (fact.key, fact.group):
                    self._open[name] -= 1
                    if self._open[name] <= 0:  # less: `put` was interrupted
                        del self._open[name]
                if is_lost:
                    self._lost.append(fact)
                else:
                    self._delivered += 1
                self._changed.notify_all()

    def _deliver(self, fact: Fact) -> bool:
        """Send until it has arrived; False once nobody wants to wait any longer."""
        pause = FIRST_PAUSE
        while True:
            if self._is_giving_up:
                return False
            try:
                fact.send()
            except ApiUnreachable:
                pass
            except HTTPStatusError as error:
                if error.status < 500 and error.status not in (408, 425, 429):
                    complain(f"The server refused a report: {error}")
                    return True
            except Exception as error:
                complain(f"A report could not be sent: {type(error).__name__}: {error}")
                return True
            else:
                return True
            with self._changed:
                self._changed.wait_for(lambda: self._is_giving_up, pause)
            pause = min(LONGEST_PAUSE, pause * 2)


_last_complaint: dict[str, float] = {}


def complain(text: str) -> None:
    """Say it on the real stderr, the same thing at most once a minute."""
    key, now = text[:60], time.monotonic()
    if now - _last_complaint.get(key, -60.0) >= 60.0 and sys.__stderr__ is not None:
        _last_complaint[key] = now
        sys.__stderr__.write(f"orion: {text}\n")
