"""What may be typed about runs beside their parameters, and what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms

from dashboard.base.page import PageRequest
from deployments.models import Deployment, Reprocess
from deployments.scheduling.backfill import MOST_AT_ONCE, Span
from runs.models import FlowRun

MOST_RETRIES = 1000
LONGEST_KEY = 1024


class Moment(forms.Field):
    """A date and time on the clock of a zone; empty is nothing."""

    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
    )
    zone: Any = None

    def prepare_value(self, value: Any) -> Any:
        """As the browser's control shows it."""
        return value.astimezone(self.zone) if isinstance(value, datetime) else value

    def clean(self, value: Any) -> datetime | None:
        """The moment, with its zone."""
        text = str(value or "").strip()
        if not text:
            if self.required:
                raise forms.ValidationError("Enter a date and time.")
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError(
                "Enter a date and time such as 2026-11-21T06:00."
            ) from error
        if found.tzinfo is None:
            found = found.replace(tzinfo=self.zone)
        return self._existing(found)

    def _existing(self, found: datetime) -> datetime:
        """Refuse a time that the clock skips."""
        again = datetime.fromtimestamp(found.timestamp(), found.tzinfo)
        if again.replace(tzinfo=None) != found.replace(tzinfo=None):
            raise forms.ValidationError(
                f"{found:%H:%M} does not exist on {found:%d %B %Y} in {self.zone}: "
                "the clocks go forward then."
            )
        return found


class Words(forms.CharField):
    """Words parted by commas."""

    def prepare_value(self, value: Any) -> Any:
        """As they are typed."""
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """Each once, in order."""
        words = (word.strip() for word in str(value or "").split(","))
        return list(dict.fromkeys(word for word in words if word))


class HoldForm(forms.Form):
    """Why something rests."""

    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown wherever its runs wait.",
    )


class RunForm(forms.Form):
    """When, where and how a run runs."""

    name = forms.CharField(
        label="Run name",
        required=False,
        max_length=200,
        help_text="Empty: a made-up one.",
    )
    when = forms.ChoiceField(
        label="When",
        choices=[("now", "Now"), ("at", "At")],
        widget=forms.RadioSelect,
        initial="now",
    )
    start = Moment(label="Start", required=False)
    work_queue_name = forms.ChoiceField(label="Work queue", required=False)
    tags = Words(
        label="More tags",
        required=False,
        help_text="Parted by commas; added to its own.",
    )
    retries = forms.IntegerField(
        label="Retries",
        required=False,
        min_value=0,
        max_value=MOST_RETRIES,
        help_text="Empty: as the flow says.",
    )
    retry_delay = forms.IntegerField(
        label="Seconds between", required=False, min_value=0, max_value=30 * 86400
    )
    idempotency_key = forms.CharField(
        label="Idempotency key",
        required=False,
        max_length=LONGEST_KEY,
        help_text="A second run of the flow with this key is not made.",
    )
    message = forms.CharField(
        label="Message",
        required=False,
        max_length=1000,
        help_text="Stands at the run's first state.",
    )
    enforce = forms.BooleanField(
        label="Check parameters against the schema", required=False
    )

    def __init__(
        self,
        sent: Any,
        *,
        deployment: Deployment,
        source: FlowRun | None,
        request: PageRequest,
    ) -> None:
        super().__init__(sent, initial=_copied(deployment, source))
        start = cast(Moment, self.fields["start"])
        start.zone = request.zone
        start.help_text = f"In {request.zone.key}."
        queue = deployment.work_queue
        if queue is None:
            del self.fields["work_queue_name"]
        else:
            names = queue.pool.queues.order_by("priority", "name")
            field = cast(forms.ChoiceField, self.fields["work_queue_name"])
            field.choices = [
                ("", f"{queue.name}, its own"),
                *(
                    (name, name)
                    for name in names.values_list("name", flat=True)
                    if name != queue.name
                ),
            ]
        if deployment.enforce_parameter_schema:
            del self.fields["enforce"]

    def clean(self) -> dict[str, Any]:
        """The fields together."""
        typed = dict(super().clean() or self.cleaned_data)
        if typed.get("when") == "at" and not typed.get("start"):
            if "start" not in self.errors:
                self.add_error("start", "Enter when it is to start.")
        elif typed.get("when") == "now":
            typed["start"] = None
        typed.setdefault("work_queue_name", "")
        typed.setdefault("enforce", False)
        policy = {
            "retries": typed.get("retries"),
            "retry_delay": typed.get("retry_delay"),
        }
        typed["policy"] = {k: v for k, v in policy.items() if v is not None}
        return typed


class BackfillForm(forms.Form):
    """Which dates of a schedule get runs, and how many of those at a time."""

    schedule = forms.TypedChoiceField(label="Schedule", coerce=UUID)
    start = Moment(label="From")
    end = Moment(label="To")
    reprocess = forms.ChoiceField(label="Dates that get a run")
    limit = forms.IntegerField(
        label="At most at a time",
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=1,
        help_text="Its runs that are open together.",
    )

    def __init__(
        self,
        sent: Any,
        *,
        schedules: Sequence[tuple[str, str]],
        chosen: str,
        request: PageRequest,
    ) -> None:
        midnight = request.now.astimezone(request.zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        week = {"start": midnight - timedelta(days=7), "end": midnight}
        super().__init__(sent, initial={**week, "schedule": chosen})
        cast(forms.ChoiceField, self.fields["schedule"]).choices = list(schedules)
        cast(forms.ChoiceField, self.fields["reprocess"]).choices = Reprocess.choices
        for name in week:
            field = cast(Moment, self.fields[name])
            field.zone, field.help_text = request.zone, f"In {request.zone.key}."

    def span(self, parameters: Mapping[str, Any]) -> Span:
        """What was typed, for the service."""
        typed = self.cleaned_data
        return Span(
            schedule_id=typed["schedule"],
            start=typed["start"],
            end=typed["end"],
            limit=typed["limit"],
            reprocess=typed["reprocess"],
            parameters=parameters,
        )


def _copied(deployment: Deployment, source: FlowRun | None) -> dict[str, Any]:
    if source is None:
        return {}
    own = set(deployment.tags)
    return {
        "tags": [tag for tag in source.tags if tag not in own],
        "retries": source.empirical_policy.get("retries"),
        "retry_delay": source.empirical_policy.get("retry_delay"),
    }
