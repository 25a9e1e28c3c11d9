"""Whether this server can work: database, tables, and how its loops are doing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError
from django.db.models import TextChoices

from core.clock import now as clock_now
from core.loops import Loop, find_loops
from ops import schema
from ops.models import LoopPulse

GRACE = timedelta(seconds=60)  # beside three intervals, before a loop stands still
MISSED = 3  # intervals
BEHIND = timedelta(seconds=30)  # of lag beside three intervals
FORGOTTEN = timedelta(seconds=60)  # after which what was remembered says nothing


class Condition(TextChoices):
    """How a loop is doing."""

    WELL = "WELL"
    NEW = "NEW"  # nobody ran it yet, and it is early
    BEHIND = "BEHIND"  # it runs, but due work waits for long
    FAILING = "FAILING"  # its last tick failed
    STANDING = "STANDING"  # nobody runs it


FINE = frozenset({Condition.WELL, Condition.NEW})


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """One loop, whichever processes run it."""

    name: str
    condition: Condition
    interval: timedelta
    duty: str  # what it is for, in its own words
    last_tick: datetime | None = None
    last_success: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None
    lag: timedelta | None = None
    processes: int = 0

    @property
    def is_fine(self) -> bool:
        """Whether nobody has to look at it."""
        return self.condition in FINE


@dataclass(frozen=True, slots=True)
class Readiness:
    """Why the server cannot serve (empty: it can), and the loops, for information."""

    problem: str
    loops: tuple[LoopHealth, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served; loops have no say in it."""
        return not self.problem


def readiness(now: datetime | None = None) -> Readiness:
    """Ask the database. Loops that stand still are told, but no reason to refuse."""
    try:
        found = schema.compare()
        if found.missing:
            return Readiness(
                f"{len(found.missing)} migrations are missing: run manage.py migrate"
            )
        return Readiness("", tuple(loops(now or clock_now())))
    except (DatabaseError, InterfaceError) as error:
        return Readiness(f"the database does not answer: {type(error).__name__}")


def loops(now: datetime) -> list[LoopHealth]:
    """How each loop there is does, over all processes, by name."""
    rows = list(LoopPulse.objects.order_by("name", "last_tick"))
    pulses: dict[str, list[LoopPulse]] = {}
    for pulse in rows:
        pulses.setdefault(pulse.name, []).append(pulse)
    alive = [
        row.started for row in rows if row.last_tick and now - row.last_tick < GRACE
    ]
    since = min(alive, default=now)
    return [
        _health(loop, pulses.get(loop.name, []), since, now) for loop in find_loops()
    ]


def _health(
    loop: Loop, pulses: list[LoopPulse], since: datetime, now: datetime
) -> LoopHealth:
    """`since` is how long any process has been running loops."""
    allowed = MISSED * loop.interval + GRACE
    duty = (type(loop).__doc__ or "").partition("\n")[0]
    if not pulses:
        is_new = now - since <= allowed
        condition = Condition.NEW if is_new else Condition.STANDING
        return LoopHealth(loop.name, condition, loop.interval, duty)
    newest = pulses[-1]
    succeeded = max((p.last_success for p in pulses if p.last_success), default=None)
    condition = Condition.WELL
    if newest.last_tick is None or now - newest.last_tick > allowed:
        condition = Condition.STANDING
    elif newest.last_error:
        condition = Condition.FAILING
    elif newest.lag is not None and newest.lag > MISSED * loop.interval + BEHIND:
        condition = Condition.BEHIND
    return LoopHealth(
        loop.name,
        condition,
        loop.interval,
        duty,
        newest.last_tick,
        succeeded,
        newest.last_error,
        newest.last_error_at,
        newest.lag,
        sum(bool(p.last_tick and now - p.last_tick <= allowed) for p in pulses),
    )


# What this process saw last, so that pages need not ask the database.


@dataclass(frozen=True, slots=True)
class Glance:
    """The loops that are not fine, and when somebody looked."""

    at: datetime
    troubles: tuple[LoopHealth, ...]


_glance: Glance | None = None


def look(now: datetime) -> bool:
    """Look at the loops and remember; whether something changed."""
    global _glance
    troubles = tuple(loop for loop in loops(now) if not loop.is_fine)
    before, _glance = _glance, Glance(now, troubles)
    return _signs(before.troubles if before else ()) != _signs(troubles)


def troubles() -> tuple[LoopHealth, ...]:
    """The loops that are not fine, as far as this process saw last."""
    return _glance.troubles if _glance else ()


def alarm(now: datetime | None = None) -> str:
    """What is wrong with the loops, in a few words; empty when nothing is known to be.

    Costs nothing: it is what this process's own loop saw.
    """
    if _glance is None:
        return ""
    age = (now or clock_now()) - _glance.at
    if age > FORGOTTEN:
        return "this server's own loops stand still"
    return in_words(_glance.troubles)


def in_words(troubles: Iterable[LoopHealth]) -> str:
    """`late-runs stands still`, or how many loops do what."""
    listed = list(troubles)
    if not listed:
        return ""
    if len(listed) > 1:
        return f"{len(listed)} loops need attention"
    return f"{listed[0].name} {SAID[listed[0].condition]}"


SAID = {
    Condition.STANDING: "stands still",
    Condition.FAILING: "is failing",
    Condition.BEHIND: "is behind",
}


def _signs(troubles: Iterable[LoopHealth]) -> set[tuple[str, str]]:
    return {(loop.name, loop.condition) for loop in troubles}
