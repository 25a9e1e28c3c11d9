"""Recurrence rules of iCalendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import islice
from typing import Any, Self

from dateutil import rrule as ical

from core.clocks.zones import instants, zone, zone_name
from core.errors import Invalid

LONGEST = 6500  # characters
LONGEST_REPLAY = 10_000  # dates
EPOCH = datetime(2020, 1, 1)  # noqa: DTZ001 - a wall-clock time, where no DTSTART is
PERIODS = {
    ical.WEEKLY: timedelta(weeks=1),
    ical.DAILY: timedelta(days=1),
    ical.HOURLY: timedelta(hours=1),
    ical.MINUTELY: timedelta(minutes=1),
    ical.SECONDLY: timedelta(seconds=1),
}


@dataclass(frozen=True, slots=True)
class RRule:
    """A rule or a set of rules and dates, all on the wall clock of a zone."""

    rrule: str
    timezone: str

    @classmethod
    def read(cls, value: Mapping[str, Any], now: datetime) -> Self:
        """From the wire form; without a zone it is UTC."""
        text = value["rrule"]
        if not isinstance(text, str):
            raise Invalid(f"An rrule schedule is text, found {type(text).__name__}.")
        if len(text) > LONGEST:
            raise Invalid(
                f"An rrule has at most {LONGEST} characters, found {len(text)}."
            )
        name = zone_name(value.get("timezone"), default="UTC")
        parse(text)
        return cls(text, name)

    def as_json(self) -> dict[str, Any]:
        """The wire form."""
        return {"rrule": self.rrule, "timezone": self.timezone}

    def instants(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Rising, from `start` or a little before."""
        return instants(self, zone(self.timezone), start, end)

    def walls(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Local times of the set."""
        rules = parse(self.rrule)
        wanted = merge(
            *(_walls(rule, start, end) for rule in rules.rules), sorted(rules.dates)
        )
        unwanted = merge(
            *(_walls(rule, start, end) for rule in rules.except_rules),
            sorted(rules.except_dates),
        )
        skip = next(unwanted, None)
        for wall in wanted:
            if wall > end:
                return
            while skip is not None and skip < wall:
                skip = next(unwanted, None)
            if wall >= start and wall != skip:
                yield wall


@dataclass(frozen=True, slots=True)
class Rules:
    """The parts of a recurrence set."""

    rules: tuple[ical.rrule, ...]
    dates: tuple[datetime, ...]
    except_rules: tuple[ical.rrule, ...]
    except_dates: tuple[datetime, ...]


@lru_cache(maxsize=1024)
def parse(text: str) -> Rules:
    """The set that the text describes; zones in it are dropped.

    Raises:
        Invalid: it is no recurrence rule.
    """
    try:
        found: Any = ical.rrulestr(
            text, dtstart=EPOCH, forceset=True, ignoretz=True, cache=False
        )
    except (ValueError, TypeError, OverflowError, AttributeError, KeyError) as error:
        raise Invalid(
            f'Invalid rrule: "{text:.200}": {error}. Wanted iCalendar text such as '
            "FREQ=DAILY;BYHOUR=9."
        ) from None
    rules = Rules(
        tuple(found._rrule),
        tuple(found._rdate),
        tuple(found._exrule),
        tuple(found._exdate),
    )
    if not rules.rules and not rules.dates:
        raise Invalid(f'Invalid rrule: "{text:.200}" names neither a rule nor a date.')
    for rule in (*rules.rules, *rules.except_rules):
        fault = _fault(rule)
        if fault:
            raise Invalid(f'Invalid rrule: "{text:.200}": {fault}.')
    return rules


def _fault(rule: Any) -> str | None:
    """Why a rule cannot be used: it would keep us searching or replaying for long."""
    if rule._interval < 1:
        return "INTERVAL is at least 1"
    if rule._freq not in PERIODS:
        return None
    if rule._count is not None and _is_choosy(rule) and rule._count > LONGEST_REPLAY:
        return f"COUNT beside BY… is at most {LONGEST_REPLAY}"
    days = ical.rrule(
        ical.YEARLY,
        dtstart=EPOCH,
        until=EPOCH + timedelta(days=365 * 29),
        bymonth=rule._bymonth,
        bymonthday=[*(rule._bymonthday or ()), *(rule._bynmonthday or ())] or None,
        byyearday=rule._byyearday,
        byweekno=rule._byweekno,
        byweekday=rule._byweekday,
        byeaster=rule._byeaster,
    )
    if _has_day_parts(rule) and next(iter(days), None) is None:
        return "there is no such day in 29 years"
    if rule._bysetpos and min(abs(p) for p in rule._bysetpos) > _set_size(rule):
        return "BYSETPOS is beyond the set it chooses from"
    try:
        next(iter(rule), None)
    except ValueError as error:
        return str(error)
    return None


def _has_day_parts(rule: Any) -> bool:
    parts = ("month", "monthday", "nmonthday", "yearday", "weekno", "weekday", "easter")
    return any(getattr(rule, f"_by{part}") for part in parts)


def _set_size(rule: Any) -> int:
    """The most dates that one period of a rule up to weekly can hold."""
    size = len(rule._byweekday or ()) or 7 if rule._freq == ical.WEEKLY else 1
    for frequency, part in (
        (ical.HOURLY, rule._byhour),
        (ical.MINUTELY, rule._byminute),
        (ical.SECONDLY, rule._bysecond),
    ):
        if rule._freq < frequency:
            size *= len(part or (0,))
    return size


def _is_choosy(rule: Any) -> bool:
    """Whether it leaves out some of its periods, or splits them."""
    return any(rule._original_rule.values())


def _walls(rule: Any, start: datetime, end: datetime) -> Iterator[datetime]:
    """The dates of one rule up to `end`; those before `start` may be left out."""
    until = min(end, rule._until) if rule._until is not None else end
    if until < rule._dtstart:
        return iter(())
    count = rule._count
    if count is None:
        begin = _begin_near(rule, start)
        return iter(rule.replace(dtstart=begin, until=until))
    if rule._freq in PERIODS and not _is_choosy(rule):
        begin = _begin_near(rule, start)
        count -= (begin - rule._dtstart) // (PERIODS[rule._freq] * rule._interval)
        rule = rule.replace(dtstart=begin)
    return islice(iter(rule.replace(count=None, until=until)), max(0, count))


def _begin_near(rule: Any, start: datetime) -> datetime:
    """A start with the same rhythm as the rule's own, shortly before `start`.

    So a rule that began years ago need not be replayed. Months and years have no
    fixed length; there are few of them.
    """
    begin: datetime = rule._dtstart
    period = PERIODS.get(rule._freq)
    if period is None:
        return begin
    step: timedelta = period * rule._interval
    return begin + max(0, (start - begin) // step - 1) * step
