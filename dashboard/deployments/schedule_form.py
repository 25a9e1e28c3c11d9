"""What may be typed about a schedule, and the stored form of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms

from core import clocks
from core.errors import Invalid
from dashboard.deployments.forms import Moment
from deployments.models import Catchup, Overlap, Schedule

KINDS = [
    ("cron", "Cron"),
    ("interval", "Interval"),
    ("rrule", "Recurrence rule"),
]
UNITS = [
    (604800, "weeks"),
    (86400, "days"),
    (3600, "hours"),
    (60, "minutes"),
    (1, "seconds"),
]
LARGEST = 2**31 - 1
COLUMNS = (
    "active",
    "slug",
    "starts_at",
    "ends_at",
    "catchup_policy",
    "overlap_policy",
    "max_active_runs",
    "overlap_queue",
    "calendars",
)


class ScheduleForm(forms.Form):
    """A schedule of one of three kinds, its bounds and policies."""

    kind = forms.ChoiceField(label="Kind", choices=KINDS, widget=forms.RadioSelect)
    cron = forms.CharField(
        label="Cron",
        required=False,
        max_length=1000,
        help_text="Minute, hour, day of month, month, day of week; or @daily.",
    )
    day_or = forms.BooleanField(
        label="With day of month and day of week, either is enough", required=False
    )
    every = forms.FloatField(label="Every", required=False, min_value=0)
    unit = forms.TypedChoiceField(
        label="Unit", choices=UNITS, coerce=int, required=False
    )
    anchor = Moment(label="Counted from", required=False)
    rrule = forms.CharField(
        label="Rule",
        required=False,
        max_length=6500,
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "code", "spellcheck": "false"}
        ),
        help_text="iCalendar text such as FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9;BYMINUTE=30",
    )
    timezone = forms.CharField(
        label="Time zone",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "zones"}),
        help_text="Dates follow the clock on the wall of this zone.",
    )
    active = forms.BooleanField(label="Active", required=False)
    slug = forms.CharField(
        label="Label",
        required=False,
        max_length=200,
        help_text="Code that deploys the same label deploys the same schedule.",
    )
    starts_at = Moment(label="Not before", required=False)
    ends_at = Moment(label="Not after", required=False)
    catchup_policy = forms.ChoiceField(
        label="Missed while the server was away", choices=Catchup.choices
    )
    overlap_policy = forms.ChoiceField(
        label="When it is due while others run", choices=Overlap.choices
    )
    max_active_runs = forms.IntegerField(
        label="At most at a time",
        required=False,
        min_value=1,
        max_value=LARGEST,
        help_text="Runs of this schedule. Empty: any number.",
    )
    overlap_queue = forms.IntegerField(
        label="At most waiting",
        required=False,
        min_value=0,
        max_value=LARGEST,
        help_text="Empty: any number.",
    )
    calendars = forms.MultipleChoiceField(
        label="Not while closed",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        sent: Any,
        *,
        schedule: Schedule | None,
        zone: ZoneInfo,
        now: datetime,
        calendars: list[str],
    ) -> None:
        self.schedule = schedule
        self.now = now
        initial = _initial(schedule, zone, now)
        super().__init__(sent, initial=initial)
        typed = str((sent or {}).get("timezone") or initial["timezone"])
        cast(Moment, self.fields["anchor"]).zone = _zone_or(typed, zone)
        for name in ("starts_at", "ends_at"):
            field = cast(Moment, self.fields[name])
            field.zone, field.help_text = zone, f"In {zone.key}. Empty: no bound."
        if calendars:
            field_ = cast(forms.MultipleChoiceField, self.fields["calendars"])
            known = {*calendars, *(schedule.calendars if schedule else ())}
            field_.choices = [(name, name) for name in sorted(known)]
        else:
            del self.fields["calendars"]

    @property
    def shape(self) -> dict[str, Any]:
        """The schedule in its stored form; empty if there is none yet."""
        if self.is_bound:
            found: dict[str, Any] = self.cleaned_data["shape"]
            return found
        return dict(self.schedule.schedule) if self.schedule else {}

    @property
    def columns(self) -> dict[str, Any]:
        """What was typed, for the service."""
        typed = self.cleaned_data
        found = {name: typed[name] for name in COLUMNS if name in typed}
        return {**found, "schedule": typed["shape"], "slug": typed["slug"] or None}

    def clean(self) -> dict[str, Any]:
        """The fields together: a schedule that means something."""
        typed = dict(super().clean() or self.cleaned_data)
        start, end = typed.get("starts_at"), typed.get("ends_at")
        if start and end and start >= end:
            self.add_error("ends_at", "It ends before it starts; exchange the two.")
        kind = typed.get("kind")
        if kind and not self.errors:
            try:
                clock = clocks.read(self._wire(kind, typed), now=self.now)
                typed["shape"] = clock.as_json()
            except Invalid as error:
                is_zone = "zone" in str(error).lower()
                self.add_error("timezone" if is_zone else _field(kind), str(error))
        return typed

    def _wire(self, kind: str, typed: dict[str, Any]) -> dict[str, Any]:
        zone = typed.get("timezone") or "UTC"
        if kind == "cron":
            return {
                "cron": typed["cron"],
                "timezone": zone,
                "day_or": typed["day_or"],
            }
        if kind == "rrule":
            text = typed["rrule"].replace("\r\n", "\n")
            return {"rrule": text, "timezone": zone}
        seconds = (typed.get("every") or 0) * (typed.get("unit") or 1)
        return {
            "interval": seconds,
            "anchor_date": self._anchor(typed.get("anchor")),
            "timezone": zone,
        }

    def _anchor(self, typed: datetime | None) -> str:
        """What was typed; the stored one where only its fraction differs."""
        stored = (self.schedule.schedule if self.schedule else {}).get("anchor_date")
        if typed is None:
            return str(stored or self.now.replace(microsecond=0).isoformat())
        if stored and datetime.fromisoformat(stored).replace(microsecond=0) == typed:
            return str(stored)
        return typed.isoformat()


def _field(kind: str) -> str:
    return "every" if kind == "interval" else kind


def _zone_or(name: str, other: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return other


def _initial(
    schedule: Schedule | None, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    if schedule is None:
        midnight = now.astimezone(zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return {
            "kind": "cron",
            "day_or": True,
            "every": 1,
            "unit": 3600,
            "anchor": midnight,
            "timezone": zone.key,
            "active": True,
            "catchup_policy": Catchup.NONE,
            "overlap_policy": Overlap.ALLOW,
        }
    shape = schedule.schedule
    kind = next(key for key, _ in KINDS if shape.get(key) is not None)
    known = {name: getattr(schedule, name) for name in COLUMNS}
    known |= {
        "kind": kind,
        "timezone": shape.get("timezone") or "UTC",
        "cron": shape.get("cron", ""),
        "day_or": shape.get("day_or") is not False,
        "rrule": shape.get("rrule", ""),
        "every": 1,
        "unit": 3600,
    }
    if kind == "interval":
        seconds = float(shape["interval"])
        unit = next(size for size, _ in UNITS if size == 1 or seconds % size == 0)
        every = seconds / unit
        known |= {
            "every": int(every) if every == int(every) else every,
            "unit": unit,
            "anchor": datetime.fromisoformat(shape["anchor_date"]),
        }
    return known
