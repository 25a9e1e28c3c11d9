"""Verbs on blackout calendars, and the calendars that schedules name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core import changes, clocks
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from core.lookups import holds
from core.loops import wake
from core.sql import write
from deployments.models import Calendar, Schedule
from events.record import record

FIELDS = ("name", "description", "zone", "closed", "weekdays")
FRESH = "recent-deployments"  # the loop that plans what is not planned


def named(names: Iterable[str]) -> dict[int | None, dict[str, clocks.Calendar]]:
    """The calendars of these names, by workspace and name."""
    wanted = set(names)
    found: dict[int | None, dict[str, clocks.Calendar]] = {}
    if wanted:
        for row in Calendar.objects.filter(name__in=wanted):
            found.setdefault(row.workspace_id, {})[row.name] = readable(row)
    return found


def readable(row: Calendar) -> clocks.Calendar:
    """The calendar of a row."""
    return clocks.Calendar.read(row.name, row.zone, row.closed, row.weekdays)


def check_names(names: Iterable[str], *, actor: Actor) -> None:
    """Refuse calendars that do not exist.

    Raises:
        Invalid: there is no such calendar.
    """
    wanted = set(names)
    known = Calendar.objects.visible_to(actor).filter(name__in=wanted)
    missing = sorted(wanted - set(known.values_list("name", flat=True)))
    if missing:
        raise Invalid(
            f"There is no calendar named {missing[0]!r}: make it first, or leave it "
            "out of the schedule's `calendars`."
        )


def create(sent: Mapping[str, Any], *, actor: Actor) -> Calendar:
    """Make a calendar.

    Raises:
        Invalid: a span, a day or the zone means nothing.
        Conflict: the name is taken.
    """
    row = Calendar(workspace_id=actor.workspace_id, **_columns(sent))
    _check(row)
    with write():
        if Calendar.objects.visible_to(actor).filter(name=row.name).exists():
            raise Conflict(f"There is a calendar named {row.name!r} already.")
        row.save(force_insert=True)
        record("orion.calendar.created", subject=row, actor=actor)
    return row


def amend(id: UUID, sent: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change a calendar; the schedules that keep to it are planned anew.

    Its name stays: schedules know it by that.

    Raises:
        NotFound: there is no such calendar.
        Invalid: a span, a day or the zone means nothing.
    """
    wanted = _columns(sent)
    wanted.pop("name", None)
    with write():
        row = _locked(id, actor)
        if not changes.apply(row, wanted):
            return
        _check(row)
        _users(row.name, actor).update(is_stale=True, plan_after=None)
        record("orion.calendar.updated", subject=row, actor=actor, now=now)
        transaction.on_commit(lambda: wake(FRESH))


def delete(id: UUID, *, actor: Actor) -> None:
    """Forget a calendar that no schedule keeps to.

    Raises:
        NotFound: there is no such calendar.
        Conflict: a schedule keeps to it.
    """
    with write():
        row = _locked(id, actor)
        user = _users(row.name, actor).select_related("deployment").first()
        if user is not None:
            raise Conflict(
                f"Calendar {row.name!r} is used by a schedule of deployment "
                f"{user.deployment.name!r}: take it out there first."
            )
        record("orion.calendar.deleted", subject=row, actor=actor)
        row.delete()


def _columns(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sent[name] for name in FIELDS if sent.get(name) is not None}


def _check(row: Calendar) -> None:
    if not row.name.strip():
        raise Invalid("A calendar needs a name.")
    readable(row)


def _locked(id: UUID, actor: Actor) -> Calendar:
    row: Calendar | None
    row = Calendar.objects.visible_to(actor).locked().filter(pk=id).first()
    if row is None:
        raise NotFound("Calendar not found.")
    return row


def _users(name: str, actor: Actor) -> Any:
    """The schedules that keep to a calendar."""
    return Schedule.objects.visible_to(actor).filter(holds("calendars", name))
