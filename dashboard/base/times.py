"""Times for people: durations, distances, clocks in the reader's zone, axis ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest

from dashboard.charts.svg import Span, Tick

ZONE_COOKIE = "orion_zone"
STEPS = (
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    21600,
)
DAYS = (43200, 86400, 172800, 432000, 604800, 1209600, 2592000)


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The zone that the browser said it is in; UTC before it has."""
    name = unquote(request.COOKIES.get(ZONE_COOKIE, ""))
    try:
        return ZoneInfo(name) if name else ZoneInfo("UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def duration(seconds: float) -> str:
    """A measured stretch: `840 ms`, `4.2 s`, `1 m 04 s`, `3 h 12 m`, `2 d 4 h`."""
    s = max(0.0, seconds)
    if s < 0.9995:
        return f"{round(s * 1000)} ms"
    if s < 9.95:
        return f"{s:.1f} s"
    if s < 60:
        return f"{int(s)} s"
    minutes, hours = int(s // 60), int(s // 3600)
    if minutes < 60:
        return f"{minutes} m {int(s % 60):02d} s"
    if hours < 24:
        return f"{hours} h {minutes % 60:02d} m"
    return f"{hours // 24} d {hours % 24} h"


def rough(seconds: float) -> str:
    """A distance in time: `40 s`, `3 min`, `5 h`, `2 d`."""
    s = abs(seconds)
    if s < 60:
        return f"{round(s)} s"
    if s < 3600:
        return f"{round(s / 60)} min"
    if s < 172800:
        return f"{round(s / 3600)} h"
    return f"{round(s / 86400)} d"


def stamp(moment: datetime, zone: ZoneInfo) -> str:
    """Date and time to the second."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def clock(moment: datetime, zone: ZoneInfo, now: datetime, *, seconds: bool) -> str:
    """The time of day, with the date in front when it is not today."""
    here = moment.astimezone(zone)
    shape = "%H:%M:%S" if seconds else "%H:%M"
    same = here.date() == now.astimezone(zone).date()
    return here.strftime(shape if same else f"%m-%d {shape}")


def written(moment: datetime, how: str, zone: ZoneInfo, now: datetime) -> str:
    """A time as text: `clock`, `second`, `ms` or `stamp`."""
    if how == "stamp":
        return stamp(moment, zone)
    if how == "ms":
        here = moment.astimezone(zone)
        return f"{here:%H:%M:%S}.{here.microsecond // 1000:03d}"
    return clock(moment, zone, now, seconds=how == "second")


def utc(moment: datetime) -> str:
    """The `datetime` attribute of a time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def ticks(span: Span, zone: ZoneInfo, *, most: int) -> list[Tick]:
    """Round places on an axis, at most about `most` of them, labelled in the zone."""
    seconds = (span.end - span.start).total_seconds()
    fits = (step for step in (*STEPS, *DAYS) if seconds / step <= most)
    step = next(fits, DAYS[-1])
    shape = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%m-%d"
    if step < 86400 and seconds > 172800:
        shape = "%m-%d %H:%M"
    found = []
    moment = floor(span.start, step, zone)
    while moment <= span.end:
        if moment >= span.start:
            here = moment.astimezone(zone)
            tenths = f".{here.microsecond // 100_000}" if step < 1 else ""
            found.append(Tick(moment, f"{here.strftime(shape)}{tenths}"))
        moment = after(moment, step, zone)
    return found


def floor(moment: datetime, step: float, zone: ZoneInfo) -> datetime:
    """The last moment at or before it that is round on the zone's clock."""
    wall = moment.astimezone(zone).replace(tzinfo=None)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if step >= 86400:
        days = midnight.toordinal() % (int(step) // 86400)
        return _aware(midnight - timedelta(days=days), zone)
    length = timedelta(seconds=step)
    return _aware(midnight + (wall - midnight) // length * length, zone)


def after(moment: datetime, step: float, zone: ZoneInfo) -> datetime:
    """The next round moment; days of 23 and 25 hours stay days."""
    if step < 3600:
        return moment + timedelta(seconds=step)
    wall = moment.astimezone(zone).replace(tzinfo=None) + timedelta(seconds=step)
    following = _aware(wall, zone)
    return following if following > moment else moment + timedelta(seconds=step)


def _aware(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)
