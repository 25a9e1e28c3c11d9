"""The fields of a schedule: read from what was sent, and made to fit each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core import clocks
from core.actor import Actor
from core.errors import Invalid
from deployments import blackouts
from deployments.models import Catchup, Overlap, Schedule
from deployments.models.schedule import CODE_FIELDS

LONGEST_WINDOW = 366 * 86400.0  # seconds
MOST_WAITING = 10_000
MOMENTS = ("starts_at", "ends_at")
NULLABLE = frozenset(
    {"starts_at", "ends_at", "catchup_seconds", "overlap_queue", "max_active_runs"}
)


def new(sent: Mapping[str, Any], *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The columns of a schedule to be made.

    Raises:
        Invalid: it means nothing, or lacks its schedule.
    """
    if sent.get("schedule") is None:
        raise Invalid("A new schedule needs its `schedule`: interval, cron or rrule.")
    found = changed(sent, actor=actor, now=now)
    draft = Schedule(**found)
    _check_bounds(draft)
    return found | _limit(draft)


def changed(sent: Mapping[str, Any], *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The columns to set; a null leaves a field as it is.

    Raises:
        Invalid: one means nothing.
    """
    found = {key: sent[key] for key in CODE_FIELDS if sent.get(key) is not None}
    return _read(found, actor=actor, now=now)


def edited(
    row: Schedule, sent: Mapping[str, Any], *, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The columns that an operator sets; bounds and numbers may be set to null.

    Raises:
        Invalid: one means nothing, or they do not fit.
    """
    found = changed(sent, actor=actor, now=now)
    found |= {key: None for key in NULLABLE & set(sent) if sent[key] is None}
    draft = Schedule(**{name: getattr(row, name) for name in CODE_FIELDS} | found)
    _check_bounds(draft)
    return found | _limit(draft)


def as_deployed(row: Schedule) -> dict[str, Any]:
    """What the code says about the fields that operators edited."""
    return {
        name: _moment(value, name) if name in MOMENTS and value else value
        for name, value in (row.deployed or {}).items()
    }


def _read(found: dict[str, Any], *, actor: Actor, now: datetime) -> dict[str, Any]:
    if "schedule" in found:
        found["schedule"] = clocks.read(found["schedule"], now=now).as_json()
    _one_of(found, "catchup_policy", Catchup)
    _one_of(found, "overlap_policy", Overlap)
    _number(found, "catchup_seconds", 1.0, LONGEST_WINDOW)
    _number(found, "overlap_queue", 0, MOST_WAITING)
    for name in MOMENTS:
        if name in found:
            found[name] = _moment(found[name], name)
    if "calendars" in found:
        names = found["calendars"]
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise Invalid("`calendars` is a list of names of calendars.")
        blackouts.check_names(names, actor=actor)
    if "catchup_policy" in found:
        found["catchup"] = found["catchup_policy"] != Catchup.NONE
    elif "catchup" in found:
        found["catchup_policy"] = Catchup.ALL if found["catchup"] else Catchup.NONE
    return found


def _limit(draft: Schedule) -> dict[str, Any]:
    """Where runs must not overlap, one at a time is meant unless a number is said."""
    if draft.overlap_policy == Overlap.ALLOW or draft.max_active_runs is not None:
        return {}
    return {"max_active_runs": 1}


def _check_bounds(draft: Schedule) -> None:
    start, end = draft.starts_at, draft.ends_at
    if start is not None and end is not None and end <= start:
        raise Invalid(
            f"A schedule ends after it starts, found starts_at {start.isoformat()} and "
            f"ends_at {end.isoformat()}."
        )


def _one_of(found: Mapping[str, Any], name: str, choices: Any) -> None:
    if name in found and found[name] not in choices.values:
        raise Invalid(
            f"{name} is one of {', '.join(choices.values)}; found {found[name]!r:.100}."
        )


def _number(found: Mapping[str, Any], name: str, least: float, most: float) -> None:
    value = found.get(name, least)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not least <= value <= most:
        raise Invalid(f"{name} is a number from {least} to {most}, found {value!r}.")


def _moment(value: Any, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return datetime.astimezone(moment, UTC)
    except (TypeError, ValueError, OverflowError, AttributeError):
        raise Invalid(
            f"{name} is a date and time in ISO 8601, found {value!r:.100}."
        ) from None
