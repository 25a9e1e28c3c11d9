"""Loops: work that is due again and again. Find, do, rest, stop.

A subclass of `Loop` says what to do in one tick. Everything else is here: who runs
when, signals, errors, rows that cannot be worked in, connections, heartbeats.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import FrameType
from typing import Any, ClassVar, TypeVar

from django.db import (
    InterfaceError,
    OperationalError,
    close_old_connections,
    connections,
)
from django.utils.module_loading import autodiscover_modules

from core import clock

logger = logging.getLogger(__name__)
Key = TypeVar("Key", bound=Hashable)

LONGEST_PAUSE = 60.0  # seconds after errors
LONGEST_PUT_OFF = timedelta(hours=1)
FIRST_PUT_OFF = timedelta(seconds=30)
LATER = object()  # what the work of a loop returns when it is not its turn yet
BEATS_EVERY = 10.0  # seconds between heartbeats while nothing changes
BEATS_APART = 1.0  # seconds between heartbeats when something does
CLOSE_BEFORE = 30.0  # a rest of so many seconds or more is had without a connection


def seconds(number: float) -> timedelta:
    """A span of time, as loops write their interval."""
    return timedelta(seconds=number)


class Loop:
    """One kind of recurring work. Any number of replicas may run at once."""

    name: ClassVar[str]
    interval: ClassVar[timedelta]  # from the start of one tick to that of the next
    batch: ClassVar[int] = 100
    in_every_server: ClassVar[bool] = False  # also where services run elsewhere

    kinds: ClassVar[dict[str, type[Loop]]] = {}

    def __init_subclass__(cls) -> None:
        """Register the loop by its name."""
        super().__init_subclass__()
        known = Loop.kinds.setdefault(cls.name, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two loops are named {cls.name!r}: {known}, {cls}")

    def __init__(self) -> None:
        self._put_off: dict[Hashable, tuple[datetime, timedelta]] = {}

    def tick(self, now: datetime) -> bool:
        """Do one batch; True when more may be waiting, so that there is no rest."""
        raise NotImplementedError

    def lag(self, now: datetime) -> timedelta | None:
        """How long the oldest due work has waited; None where nothing ever waits.

        Asked with the heartbeat, so it must be one cheap look at an index.
        """
        return None

    def each(
        self, keys: Iterable[Key], do: Callable[[Key], object], *, now: datetime
    ) -> None:
        """Do every key. One that fails is put off, then its error is raised.

        One whose turn comes after somebody else's (`do` returns `LATER`) is put off
        as well, and nothing is wrong. A database that does not answer is nobody's
        fault: the tick ends there.
        """
        errors: list[Exception] = []
        for key in keys:
            if key in self.put_off(now):
                continue
            try:
                outcome = do(key)
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                self._postpone(key, now)
                errors.append(error)
            else:
                if outcome is LATER:
                    self._postpone(key, now)
                else:
                    self._put_off.pop(key, None)
        if errors:
            raise errors[0]

    def due_again(self, now: datetime) -> set[Any]:
        """The keys that were put off and whose turn has come."""
        return set(self._put_off) - self.put_off(now)

    def forget(self, keys: Iterable[Any]) -> None:
        """Nothing is left to do of what was put off."""
        for key in keys:
            self._put_off.pop(key, None)

    def put_off(self, now: datetime) -> set[Any]:
        """The keys to leave out for now: they failed lately, or others come first."""
        return {key for key, (until, _) in self._put_off.items() if until > now}

    def _postpone(self, key: Hashable, now: datetime) -> None:
        _, last = self._put_off.get(key, (now, FIRST_PUT_OFF / 2))
        span = min(last * 2, LONGEST_PUT_OFF)
        self._put_off[key] = (now + span, span)


@dataclass(frozen=True, slots=True)
class Beat:
    """What a loop did last."""

    name: str
    ticked: datetime
    succeeded: datetime | None
    error: str = ""
    failed: datetime | None = None
    lag: timedelta | None = None


Heartbeat = Callable[[Sequence[Beat]], None]


class Supervisor:
    """Runs loops on a few threads; a loop never runs beside itself.

    Each thread keeps its database connection while work is near.
    """

    heartbeat: ClassVar[Heartbeat | None] = None  # set by the floor that stores them
    running: ClassVar[list[Supervisor]] = []

    def __init__(self, loops: Sequence[Loop], *, threads: int = 2) -> None:
        self._changed = threading.Condition()
        self._loops = list(loops)
        self._due = dict.fromkeys(loops, 0.0)  # those that are not ticking
        self._woken: set[Loop] = set()
        self._failures: dict[Loop, int] = {}
        self._is_stopping = False
        self._ended = threading.Event()
        self._beats: dict[str, Beat] = {}
        self._unsent: set[str] = set()
        self._is_urgent = False
        self._sent_at = float("-inf")
        self._threads = [
            threading.Thread(target=self._work, name=f"loops-{number}", daemon=True)
            for number in range(min(threads, len(loops)))
        ]

    def start(self) -> None:
        """Begin, all loops at once."""
        with self._changed:
            if self._is_stopping:
                return
            Supervisor.running.append(self)
            clock.on_move(self._wake_all, self._ended)
            for thread in self._threads:
                thread.start()

    def wake(self, name: str) -> None:
        """Let a loop tick now, or once more when it is ticking."""
        with self._changed:
            for loop in self._loops:
                if loop.name == name:
                    self._woken.add(loop)
                    if loop in self._due:
                        self._due[loop] = 0.0
            self._changed.notify()

    def _wake_all(self) -> None:
        for loop in self._loops:
            self.wake(loop.name)

    def stop(self, within: float | None = None) -> bool:
        """Let running ticks finish, start no more; whether all ended in time."""
        self._ended.set()
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        ends = time.monotonic() + within if within is not None else None
        for thread in self._threads:
            if thread.ident is not None:  # it was started
                thread.join(max(0.0, ends - time.monotonic()) if ends else None)
        if self in Supervisor.running:
            Supervisor.running.remove(self)
        return not any(thread.is_alive() for thread in self._threads)

    def turn(self, loop: Loop) -> tuple[bool, float]:
        """Tick once: whether it went well, and the seconds to rest."""
        log, begin, now = logger.getChild(loop.name), time.monotonic(), clock.now()
        interval = loop.interval.total_seconds()
        close_old_connections()
        try:
            has_more = loop.tick(now)
        except Exception as error:
            failures = self._failures[loop] = self._failures.get(loop, 0) + 1
            pause = max(interval, min(LONGEST_PAUSE, 2.0 ** min(failures - 1, 10)))
            log.error(
                "tick failed %s times in a row, next in %.0f s: %s",
                failures,
                pause,
                error,
                exc_info=error if failures == 1 else None,
            )
            self._note(loop, now, error)
            return False, pause
        if self._failures.pop(loop, 0):
            log.info("tick succeeded again")
        self._note(loop, now, None)
        spent = time.monotonic() - begin
        return True, 0.0 if has_more else max(0.0, interval - spent)

    def beat(self, *, at_once: bool = False) -> None:
        """Hand what happened to the heartbeat, seldom unless something changed."""
        with self._changed:
            waited = time.monotonic() - self._sent_at
            apart = BEATS_APART if self._is_urgent else BEATS_EVERY
            if not self._unsent or (waited < apart and not at_once):
                return
            beats = [self._beats[name] for name in sorted(self._unsent)]
            self._unsent.clear()
            self._is_urgent, self._sent_at = False, time.monotonic()
        try:
            beats = [self._with_lag(beat) for beat in beats]
            if Supervisor.heartbeat is not None:
                Supervisor.heartbeat(beats)
        except Exception as error:
            logger.warning("heartbeats were not stored: %s", error)

    def _with_lag(self, beat: Beat) -> Beat:
        loop = next(loop for loop in self._loops if loop.name == beat.name)
        return replace(beat, lag=loop.lag(clock.now()))

    def _work(self) -> None:
        try:
            while (loop := self._next()) is not None:
                _, rest = self.turn(loop)
                self.beat()
                with self._changed:
                    if loop in self._woken:
                        rest = 0.0
                    self._due[loop] = time.monotonic() + rest
                    self._changed.notify()
        finally:
            self.beat(at_once=True)
            connections.close_all()

    def _next(self) -> Loop | None:
        """Take the loop that is due first, when it is due; None when stopping."""
        while True:
            with self._changed:
                if self._is_stopping:
                    return None
                loop = min(self._due, key=self._due.__getitem__, default=None)
                rest = self._due[loop] - time.monotonic() if loop else LONGEST_PAUSE
                if loop and rest <= 0:
                    del self._due[loop]
                    self._woken.discard(loop)
                    return loop
                if rest < CLOSE_BEFORE or not _is_connected():
                    self._changed.wait(rest)
                    continue
            connections.close_all()  # outside the lock: it may take a moment

    def _note(self, loop: Loop, now: datetime, error: Exception | None) -> None:
        with self._changed:
            last = self._beats.get(loop.name) or Beat(loop.name, now, None)
            if error is None:
                beat = replace(last, ticked=now, succeeded=now, error="")
            else:
                text = f"{type(error).__name__}: {error}"[:2000]
                beat = replace(last, ticked=now, error=text, failed=now)
            is_new = loop.name not in self._beats
            self._is_urgent |= is_new or bool(last.error) != bool(beat.error)
            self._beats[loop.name] = beat
            self._unsent.add(loop.name)


def wake(name: str) -> None:
    """Let a loop tick now if it runs in this process; otherwise nothing happens."""
    for supervisor in Supervisor.running:
        supervisor.wake(name)


def find_loops(*names: str) -> list[Loop]:
    """New loops with these names, or all there are, by name.

    Raises:
        LookupError: there is none of that name.
    """
    autodiscover_modules("loops")
    unknown = sorted(set(names) - set(Loop.kinds))
    if unknown:
        known = ", ".join(sorted(Loop.kinds))
        raise LookupError(f"no loop is named {', '.join(unknown)}; there are: {known}")
    return [Loop.kinds[name]() for name in sorted(names or Loop.kinds)]


def run_loops(*names: str, once: bool = False) -> int:
    """Run loops until SIGTERM or SIGINT, or for one tick; the exit status."""
    stop = stop_on_signals()
    loops = find_loops(*names)
    supervisor = Supervisor(loops)
    if once:
        results = [supervisor.turn(loop)[0] for loop in loops]
        supervisor.beat(at_once=True)
        connections.close_all()
        return 0 if all(results) else 1
    supervisor.start()
    stop.wait()
    supervisor.stop()
    return 0


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; the second signal kills."""
    stop = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        stop.set()

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return stop


def _is_connected() -> bool:
    return any(c.connection is not None for c in connections.all(initialized_only=True))
