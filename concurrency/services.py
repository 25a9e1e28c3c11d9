"""Verbs on limits: those of tags, and taking slots of limits by name."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from concurrency import decay, slots
from concurrency.decay import TAG
from concurrency.models import Lease, Limit, Slot
from core import changes
from core.actor import Actor
from core.dialect import Dialect
from core.errors import Conflict, Gone, Invalid, Locked
from core.sql import write

TASK_RUN = "task_run"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Slots that a client asks for; `is_rate` when they are to drain on their own."""

    names: Sequence[str]
    slots: int
    is_rate: bool = False


def set_tag_limit(tag: str, size: int, *, actor: Actor) -> tuple[Limit, bool]:
    """Bound the task runs with a tag; the limit, and whether it is new."""
    name = f"{TAG}{tag}"
    with write():
        limit = _named(name, actor=actor)
        if limit is None:
            return _insert(Limit(name=name, limit=size), actor), True
        changes.apply(limit, {"limit": size, "active": True})
        return limit, False


def create(limit: Limit, *, taken: int, actor: Actor, now: datetime) -> Limit:
    """Store a new limit with `taken` slots in use.

    Raises:
        Conflict: its name is taken.
    """
    with write():
        if _named(limit.name, actor=actor) is not None:
            raise Conflict(f"A concurrency limit named {limit.name!r} already exists.")
        _insert(limit, actor)
        slots.preset(limit, taken, now)
    return limit


def change(limit: Limit, sent: Mapping[str, Any], *, now: datetime) -> None:
    """Change a limit; `active_slots` says how many slots are taken from now on.

    Raises:
        Conflict: the new name is taken.
    """
    columns = {name: value for name, value in sent.items() if name != "active_slots"}
    if "denied_slots" in columns:
        columns["denied_at"] = now
    try:
        with write():
            changes.apply(limit, columns)
            if "active_slots" in sent:
                slots.preset(limit, sent["active_slots"], now)
    except IntegrityError as error:
        name = columns.get("name")
        text = f"A concurrency limit named {name!r} already exists."
        raise Conflict(text) from error


def delete(limit: Limit) -> None:
    """Remove a limit; leases that held nothing else go with it."""
    with write():
        slots.clear(limit)
        limit.delete()


def reset_tag_limit(limit: Limit, holders: Iterable[UUID], *, now: datetime) -> None:
    """Say which task runs hold the slots, whoever held them before."""
    with write():
        slots.hand_to(limit, [(TASK_RUN, id) for id in holders], now)


def task_runs_holding(limits: Iterable[Limit], now: datetime) -> dict[UUID, list[UUID]]:
    """The task runs that hold slots of each limit, longest first."""
    ids = [limit.pk for limit in limits]
    rows = Slot.objects.filter(slots.live(now), limit_id__in=ids)
    rows = rows.filter(lease__holder_type=TASK_RUN).order_by("taken", "id")
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for limit_id, holder_id in rows.values_list("limit_id", "lease__holder_id"):
        if holder_id is not None:
            found[limit_id].append(holder_id)
    return found


def acquire(
    wanted: Wanted, *, actor: Actor, dialect: Dialect, now: datetime
) -> list[Limit]:
    """Take slots without a lease.

    Raises:
        Invalid: they could never be taken.
        Locked: a limit is full.
    """
    with write():
        limits = _lock(wanted, actor=actor, dialect=dialect)
        if slots.occupy(limits, slots=wanted.slots, now=now):
            return limits
        wait = _refuse(limits, wanted, dialect, now)
    raise Locked("Locked", retry_after=wait)


def acquire_with_lease(
    wanted: Wanted,
    *,
    ttl: timedelta,
    holder: slots.Holder | None,
    actor: Actor,
    dialect: Dialect,
    now: datetime,
) -> tuple[Lease, list[Limit]]:
    """Take slots for a time.

    Raises:
        Invalid: they could never be taken.
        Locked: a limit is full.
    """
    with write():
        limits = _lock(wanted, actor=actor, dialect=dialect)
        lease = slots.take(limits, slots=wanted.slots, holder=holder, ttl=ttl, now=now)
        if lease is not None:
            return lease, limits
        wait = _refuse(limits, wanted, dialect, now)
    raise Locked("Locked", retry_after=wait)


def give_back(
    wanted: Wanted,
    *,
    seconds: float | None,
    actor: Actor,
    dialect: Dialect,
    now: datetime,
) -> list[Limit]:
    """Give back slots that were taken without a lease, held for `seconds`."""
    with write():
        limits = _found(wanted, actor=actor, dialect=dialect)
        slots.vacate(limits, slots=wanted.slots, seconds=seconds, now=now)
    return limits


def give_back_lease(lease_id: UUID, *, now: datetime) -> None:
    """Give back a lease's slots; it may be gone already."""
    with write():
        slots.revoke(lease_id, now)


def renew(lease_id: UUID, ttl: timedelta, *, now: datetime) -> None:
    """Extend a lease; one that has expired gets its slots again if they are free.

    Raises:
        Gone: it was given back, or others have the slots by now.
    """
    with write():
        is_live = slots.renew(lease_id, ttl, now) or slots.regrant(lease_id, ttl, now)
    if not is_live:
        raise Gone("Lease not found - it may have expired or been revoked")


def _named(name: str, *, actor: Actor) -> Limit | None:
    rows = Limit.objects.visible_to(actor).filter(name=name)
    found: Limit | None = rows.locked().first()
    return found


def _insert(limit: Limit, actor: Actor) -> Limit:
    limit.workspace_id = actor.workspace_id
    try:
        limit.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            f"A concurrency limit named {limit.name!r} has just been made."
        ) from error
    return limit


def _found(wanted: Wanted, *, actor: Actor, dialect: Dialect) -> list[Limit]:
    """The limits, locked. Names that 2.x clients use come into being, inactive."""
    names = list(dict.fromkeys(wanted.names))
    workspace = actor.workspace_id
    limits = slots.limits_named(names, workspace_id=workspace, lock=True)
    if dialect.generation == 2 and len(limits) < len(names):
        missing = set(names) - {limit.name for limit in limits}
        Limit.objects.bulk_create(
            [
                Limit(name=name, limit=1, active=False, workspace_id=workspace)
                for name in sorted(missing)
            ],
            ignore_conflicts=True,
        )
        limits = slots.limits_named(names, workspace_id=workspace, lock=True)
    return limits


def _lock(wanted: Wanted, *, actor: Actor, dialect: Dialect) -> list[Limit]:
    limits = _found(wanted, actor=actor, dialect=dialect)
    for limit in limits:
        if limit.active and limit.limit < wanted.slots:
            raise Invalid("Slots requested is greater than the limit")
        if wanted.is_rate and limit.active and not limit.slot_decay_per_second:
            raise Invalid(
                "Only concurrency limits with slot decay can be used for rate "
                f"limiting. Set slot_decay_per_second of {limit.name!r}."
            )
    return limits


def _refuse(
    limits: Sequence[Limit], wanted: Wanted, dialect: Dialect, now: datetime
) -> float:
    is_new = dialect.generation > 2
    wait = slots.denied(limits, wanted.slots, now, capped=is_new)
    return decay.spread(wait, random.random()) if is_new else wait  # noqa: S311
