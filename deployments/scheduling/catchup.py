"""Which instants to make: ahead to the horizon, and what was missed before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from core import clocks
from core.conf import conf
from deployments.models import Catchup
from deployments.scheduling.instants import Instants

GRACE = timedelta(seconds=60)  # an instant that passed no longer ago was not missed
WINDOW = timedelta(days=7)  # how far back to catch up unless the schedule says
COUNTED = 1000  # instants that were left out are counted up to here


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far to plan: until both minima are met, never beyond a maximum."""

    start: datetime
    end: datetime
    min_runs: int
    min_until: datetime
    max_runs: int

    @classmethod
    def usual(cls, now: datetime) -> Horizon:
        """As the settings say."""
        return cls(
            start=now,
            end=now + conf.scheduler_max_ahead,
            min_runs=conf.scheduler_min_runs,
            min_until=now + conf.scheduler_min_ahead,
            max_runs=conf.scheduler_max_runs,
        )

    def dates(self, instants: Instants) -> list[datetime]:
        """The instants to plan."""
        found: list[datetime] = []
        for instant in islice(instants.between(self.start, self.end), self.max_runs):
            found.append(instant)
            if len(found) >= self.min_runs and instant >= self.min_until:
                break
        return found


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What a schedule says about instants that were missed."""

    policy: str = Catchup.NONE
    window: timedelta = WINDOW


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Instants that will have no run, and why."""

    number: int  # at most COUNTED
    after: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one schedule gets in one transaction."""

    dates: list[datetime] = field(default_factory=list)
    ahead: list[datetime] = field(default_factory=list)  # also those made before
    cursor: datetime | None = None  # everything up to here is decided
    left_out: LeftOut | None = None
    is_whole: bool = True  # otherwise go on at once


def share(
    instants: Instants,
    horizon: Horizon,
    *,
    cursor: datetime | None,
    catch_up: CatchUp,
    room: int,
) -> Share:
    """What to make now, and how far that decides; `cursor` says what was decided."""
    now = horizon.start
    missed: list[datetime] = []
    left_out = None
    since = None  # instants from here to now were not missed, and not made either
    if cursor is not None and cursor < now:
        since = max(cursor, now - GRACE)
        missed, left_out = _missed(instants, cursor, since, catch_up, room)
        if len(missed) >= room:
            return Share(missed, [], missed[-1], left_out, is_whole=False)
    ahead, end = _ahead(instants, horizon, since)
    new = [date for date in ahead if cursor is None or date > cursor]
    return Share([*missed, *new], ahead, max(end, cursor or end), left_out)


def _missed(
    instants: Instants,
    cursor: datetime,
    until: datetime,
    catch_up: CatchUp,
    room: int,
) -> tuple[list[datetime], LeftOut | None]:
    """What to make of the instants behind the cursor, and what is left out."""
    if until <= cursor:
        return [], None
    begin = cursor
    found: list[datetime] = []
    if catch_up.policy == Catchup.LATEST:
        latest = _latest(instants, cursor, until)
        begin = until if latest is None else latest - clocks.TICK
        found = [] if latest is None else [latest]
    elif catch_up.policy == Catchup.ALL:
        begin = max(cursor, until - catch_up.window)
        rising = instants.between(begin + clocks.TICK, until)
        found = list(islice(rising, room))
    else:
        begin = until
    dropped = instants.between(cursor + clocks.TICK, begin)
    number = sum(1 for _ in islice(dropped, COUNTED))
    if not number:
        return found, None
    return found, LeftOut(number, cursor, begin, _REASONS[catch_up.policy])


_REASONS: dict[str, str] = {
    Catchup.NONE: "no scheduler ran, and the schedule does not catch up",
    Catchup.LATEST: "no scheduler ran, and the schedule catches up with the latest",
    Catchup.ALL: "no scheduler ran, and they are older than the schedule's window",
}


def _latest(instants: Instants, after: datetime, until: datetime) -> datetime | None:
    """The last instant of a span, without going through all of it."""
    until = min(until, instants.ends_at or until)
    latest = instants.before(until + clocks.TICK)
    begin = max(after + clocks.TICK, instants.starts_at or after)
    return latest if latest is not None and latest >= begin else None


def _ahead(
    instants: Instants, horizon: Horizon, since: datetime | None
) -> tuple[list[datetime], datetime]:
    """The instants to have from here on, and up to where that decides them."""
    begin = horizon.start if since is None else since + clocks.TICK
    found: list[datetime] = []
    future = 0
    for instant in islice(instants.between(begin, horizon.end), horizon.max_runs):
        found.append(instant)
        future += instant >= horizon.start
        if future >= horizon.min_runs and instant >= horizon.min_until:
            return found, instant
    if len(found) >= horizon.max_runs:
        return found, found[-1]
    return found, max(horizon.start, found[-1]) if found else horizon.start
