"""Whether this server can work: database, tables, and what the loops did last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, InterfaceError

from ops import schema
from ops.models import LoopPulse


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """One loop, whichever process runs it."""

    name: str
    last_tick: datetime | None
    last_success: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Why the server cannot serve (empty: it can), and the loops, for information."""

    problem: str
    loops: tuple[LoopHealth, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served; loops have no say in it."""
        return not self.problem


def readiness() -> Readiness:
    """Ask the database. Loops that stand still are told, but no reason to refuse."""
    try:
        found = schema.compare()
        if found.missing:
            return Readiness(
                f"{len(found.missing)} migrations are missing: run manage.py migrate"
            )
        return Readiness("", tuple(loops()))
    except (DatabaseError, InterfaceError) as error:
        return Readiness(f"the database does not answer: {type(error).__name__}")


def loops() -> list[LoopHealth]:
    """What each loop did last, over all processes, by name."""
    newest: dict[str, LoopPulse] = {}
    successes: dict[str, datetime] = {}
    for pulse in LoopPulse.objects.order_by("name", "last_tick"):
        newest[pulse.name] = pulse
        if pulse.last_success:
            before = successes.get(pulse.name, pulse.last_success)
            successes[pulse.name] = max(before, pulse.last_success)
    return [
        LoopHealth(name, pulse.last_tick, successes.get(name), pulse.last_error)
        for name, pulse in newest.items()
    ]
