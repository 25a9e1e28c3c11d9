"""Reasons why a due run waits: their kinds, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices

from runs.explanations import Thing

SHOWN_HOLDERS = 5


class Kind(TextChoices):
    """What can be in the way of a due run."""

    OWN_PROCESS = "own-process"  # who made it starts it, or sleeps with it
    UNSERVED = "unserved"  # no pool, and nobody serves the deployment
    PAUSED_DEPLOYMENT = "deployment-paused"
    HOLD = "hold"
    PAUSED_POOL = "pool-paused"
    PAUSED_QUEUE = "queue-paused"
    FULL_POOL = "pool-full"
    FULL_QUEUE = "queue-full"
    FULL_DEPLOYMENT = "deployment-full"
    FULL_SCHEDULE = "schedule-full"
    FULL_AGENT = "agent-full"
    NO_WORKER = "no-worker"
    SILENT_WORKER = "no-polls"  # heartbeats, but no polls
    WRONG_QUEUE = "wrong-queue"
    NEXT_POLL = "next-poll"  # nothing is in the way


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run waits: a sentence, the object it names, and who holds its slots."""

    kind: Kind
    sentence: str
    thing: Thing
    holders: tuple[Thing, ...] = ()


def thing(kind: str, row: object) -> Thing:
    """A row as an object that a sentence names."""
    name, id = getattr(row, "name", ""), getattr(row, "pk", None)
    return Thing(kind, str(id) if id else None, str(name))


def full(
    kind: Kind, what: str, named: Thing, *, used: int, limit: int, by: Sequence[Thing]
) -> Reason:
    """All slots of something are taken, by these runs among others."""
    return Reason(
        kind, f"{what} is full ({used} of {limit}){held_by(by, used)}", named, tuple(by)
    )


def held_by(holders: Sequence[Thing], used: int) -> str:
    """The first of those who hold slots, as the end of a sentence."""
    names = [holder.name for holder in holders[:SHOWN_HOLDERS]]
    if not names:
        return ""
    more = used - len(names)
    if more > 0:
        names.append(f"{more} more")
    *first, last = names
    return f", held by {', '.join(first)} and {last}" if first else f", held by {last}"
