"""Schedules as a person would say them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
BY_DAY = {"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}
PERIODS = {
    "YEARLY": "year",
    "MONTHLY": "month",
    "WEEKLY": "week",
    "DAILY": "day",
    "HOURLY": "hour",
    "MINUTELY": "minute",
    "SECONDLY": "second",
}
SPOKEN_PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND"}
SPOKEN_PARTS |= {"BYMONTHDAY", "COUNT", "UNTIL", "WKST"}
TIMES = 4  # times of day that are listed one by one
_STEP = re.compile(r"\*/(\d+)")
_SPAN = re.compile(r"(\d+)-(\d+)")


def in_words(schedule: Mapping[str, Any]) -> str:
    """When it fires, with its zone where that matters."""
    zone = schedule.get("timezone") or "UTC"
    if schedule.get("interval") is not None:
        return f"every {length(float(schedule['interval']))}"
    if schedule.get("cron"):
        text = str(schedule["cron"])
        day_or = schedule.get("day_or") is not False
        return f"{_cron(text, day_or) or f'cron {text}'} {zone}"
    text = str(schedule.get("rrule") or "")
    return f"{_rrule(text) or f'rrule {text}'} {zone}"


def length(seconds: float) -> str:
    """A stretch of time in its largest whole unit."""
    for size, name in ((604800, "week"), (86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            plural = "s" if count > 1 and len(name) > 3 else ""
            if count == 1:
                return {"h": "hour", "min": "minute"}.get(name, name)
            return f"{count} {name}{plural}"
    return f"{seconds:g} s"


def _cron(text: str, day_or: bool) -> str | None:
    parts = ALIASES.get(text.strip().lower(), text).split()
    if len(parts) != 5:
        return None
    minute, hour, day, month, weekday = parts
    when = _time(minute, hour)
    days = None if weekday in "*?" else _weekdays(weekday)
    months = None if month == "*" else _numbers(month, 1, 12)
    dates = None if day in "*?" else _numbers(day, 1, 31)
    is_odd = (weekday not in "*?" and days is None) or (month != "*" and months is None)
    if when is None or is_odd or (day not in "*?" and dates is None):
        return None
    said = [when]
    both = f" {'or' if day_or else 'and only'} ".join(
        one for one in (_dates(dates), f"on {days}" if days else "") if one
    )
    said += [both] if both else []
    if months:
        said.append(f"in {_listed([MONTHS[n - 1] for n in months])}")
    return " ".join(said if len(said) > 1 or "every" in when else ["daily", *said])


def _time(minute: str, hour: str) -> str | None:
    """The part that says the time of day."""
    step, span = _STEP.fullmatch(minute), _SPAN.fullmatch(hour)
    every = f"every {step[1]} min" if step else "every min" if minute == "*" else None
    minutes = _numbers(minute, 0, 59)
    if every and (hour == "*" or span):
        hours = f" from {int(span[1]):02d}:00 to {int(span[2]):02d}:59" if span else ""
        return f"{every}{hours}"
    if minutes is None or len(minutes) > TIMES:
        return None
    at = _listed([f":{n:02d}" for n in minutes])
    if hour == "*":
        return f"every hour at {at}"
    if step_h := _STEP.fullmatch(hour):
        return f"every {step_h[1]} h at {at}"
    if span:
        return f"every hour at {at} from {int(span[1]):02d} to {int(span[2]):02d} h"
    hours_at = _numbers(hour, 0, 23)
    return _clock(hours_at, minutes) if hours_at else None


def _clock(hours: Sequence[int], minutes: Sequence[int]) -> str | None:
    if len(hours) * len(minutes) > TIMES:
        return None
    return f"at {_listed([f'{h:02d}:{m:02d}' for h in hours for m in minutes])}"


def _numbers(text: str, low: int, high: int) -> list[int] | None:
    """The numbers of a plain list, else nothing."""
    names = {name.lower(): n for n, name in enumerate(MONTHS, 1)} if high == 12 else {}
    found = []
    for one in text.lower().split(","):
        number = names.get(one, int(one) if one.isdecimal() else -1)
        if not low <= number <= high:
            return None
        found.append(number)
    return found


def _weekdays(text: str) -> str | None:
    names = {name.lower(): n for n, name in enumerate(DAYS)}
    found: list[int] = []
    for one in text.lower().split(","):
        ends = [
            names.get(end, int(end) % 7 if end.isdecimal() and int(end) < 8 else -1)
            for end in one.split("-")
        ]
        if -1 in ends or len(ends) > 2:
            return None
        first, last = ends[0], ends[-1]
        found += range(first, (last if last >= first else last + 7) + 1)
    return _week([n % 7 for n in found])


def _week(days: Sequence[int]) -> str:
    if sorted(days) == [1, 2, 3, 4, 5]:
        return "weekdays"
    if sorted(days) == [0, 6]:
        return "weekends"
    return _listed([DAYS[n] for n in days])


def _dates(days: Sequence[int] | None) -> str:
    if not days:
        return ""
    return f"on day {_listed([str(n) for n in days])} of the month"


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _rrule(text: str) -> str | None:
    lines = [line for line in text.split("\n") if not line.startswith("DTSTART")]
    if len(lines) != 1:
        return None
    pairs = lines[0].removeprefix("RRULE:").strip().rstrip(";").upper().split(";")
    rule = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    period = PERIODS.get(rule.get("FREQ", ""))
    if period is None or set(rule) - SPOKEN_PARTS:
        return None
    count = rule.get("INTERVAL", "1")
    said = [f"every {period}" if count == "1" else f"every {count} {period}s"]
    if "BYDAY" in rule:
        days = rule["BYDAY"].split(",")
        if any(day not in BY_DAY for day in days):
            return None
        said.append(f"on {_week([BY_DAY[day] for day in days])}")
    if "BYMONTHDAY" in rule:
        dates = _numbers(rule["BYMONTHDAY"], 1, 31)
        if dates is None:
            return None
        said.append(_dates(dates))
    at = _rrule_time(rule)
    if at is None:
        return None
    said += [at] if at else []
    said += [f"{rule['COUNT']} times"] if "COUNT" in rule else []
    return " ".join(said + ([f"until {_until(rule)}"] if "UNTIL" in rule else []))


def _rrule_time(rule: Mapping[str, str]) -> str | None:
    if "BYHOUR" not in rule:
        return None if "BYMINUTE" in rule else ""
    hours = _numbers(rule["BYHOUR"], 0, 23)
    minutes = _numbers(rule.get("BYMINUTE", "0"), 0, 59)
    return _clock(hours, minutes) if hours and minutes else None


def _until(rule: Mapping[str, str]) -> str:
    text = rule["UNTIL"]
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}"
