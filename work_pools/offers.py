"""What this process offered a moment ago, so that pollers do not run for the same runs.

An offer is a hint in memory: it changes who is asked first, never whether a run may
start. A run on offer is offered again as soon as nothing else is left, or the offer
has run out; another process knows nothing of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from threading import Lock
from uuid import UUID

PATIENCE = 1.0  # seconds that a poller has for its offers at least
PER_RUN = 0.25  # seconds more for each run it is offered
LONGEST = 15.0
MOST = 2000  # offers remembered of one place; the oldest are forgotten first


class Offers:
    """Runs on offer, by the place that was polled."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._places: dict[UUID, dict[UUID, float]] = {}

    def of(self, place: UUID) -> set[UUID]:
        """The runs of a place that somebody else is just being offered."""
        now = self._clock()
        with self._lock:
            return set(self._live(place, now))

    def make(self, place: UUID, runs: Iterable[UUID]) -> set[UUID]:
        """Offer runs; those that nobody else was offered meanwhile."""
        now, wanted = self._clock(), list(runs)
        until = now + min(LONGEST, PATIENCE + PER_RUN * len(wanted))
        with self._lock:
            known = self._live(place, now)
            fresh = {run for run in wanted if run not in known}
            known |= dict.fromkeys(fresh, until)
            while len(known) > MOST:
                del known[next(iter(known))]
            if known:
                self._places[place] = known
            else:
                self._places.pop(place, None)
        return fresh

    def forget(self) -> None:
        """Nothing is on offer."""
        with self._lock:
            self._places.clear()

    def _live(self, place: UUID, now: float) -> dict[UUID, float]:
        known = self._places.get(place, {})
        return {run: until for run, until in known.items() if until > now}


offers = Offers()
