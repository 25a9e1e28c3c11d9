"""What may be typed into the forms of pools and queues, and what it means."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from dashboard.work_pools.kinds import BY_TYPE, KINDS

LARGEST = 2**31 - 1
NAME_HELP = "Workers and deployments know it by this name; it never changes."
LIMIT_HELP = "Runs at the same time. Empty: no limit. 0: nothing starts."


class Indented(json.JSONEncoder):
    """JSON as a person reads it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{**given, "indent": 2})


def limit_field() -> forms.IntegerField:
    """A limit of runs; nothing means none is set."""
    return forms.IntegerField(
        label="Limit",
        required=False,
        min_value=0,
        max_value=LARGEST,
        help_text=LIMIT_HELP,
    )


class Name(forms.CharField):
    """A name that fits into an address."""

    def __init__(self, **given: Any) -> None:
        super().__init__(label="Name", max_length=200, **given)

    def clean(self, value: Any) -> str:
        """Refuse a slash: addresses are made of names."""
        found = str(super().clean(value))
        if "/" in found or found in {".", ".."}:
            raise forms.ValidationError(
                "Enter a name without a slash: it becomes part of addresses."
            )
        return found


class NewPool(forms.Form):
    """A new pool; its template is that of its type until it is edited."""

    type = forms.ChoiceField(
        label="Type",
        choices=[(kind.type, kind.title) for kind in KINDS],
        widget=forms.RadioSelect,
        initial=KINDS[0].type,
    )
    name = Name(help_text=NAME_HELP)
    description = forms.CharField(
        label="Description", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    concurrency_limit = limit_field()

    def columns(self) -> dict[str, Any]:
        """For the service."""
        typed = self.cleaned_data
        return {
            "description": typed["description"] or None,
            "concurrency_limit": typed["concurrency_limit"],
            "base_job_template": BY_TYPE[typed["type"]].template,
        }


class EditPool(forms.Form):
    """What may be changed of a pool."""

    description = forms.CharField(
        label="Description", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    concurrency_limit = limit_field()
    base_job_template = forms.JSONField(
        label="Base job template",
        required=False,
        encoder=Indented,
        widget=forms.Textarea(
            attrs={"rows": 24, "spellcheck": "false", "class": "code"}
        ),
        help_text="JSON with job_configuration and variables. Each {{ name }} in the "
        "configuration is a variable that deployments may set.",
    )

    def clean_base_job_template(self) -> dict[str, Any]:
        """An object, or nothing."""
        found = self.cleaned_data["base_job_template"]
        if found is not None and not isinstance(found, dict):
            raise forms.ValidationError("Enter a JSON object: {…}.")
        return found or {}

    def columns(self) -> dict[str, Any]:
        """For the service."""
        typed = self.cleaned_data
        return {**typed, "description": typed["description"] or None}


class QueueForm(forms.Form):
    """A queue: new, or what may be changed of it."""

    name = Name(help_text="Workers may be told to serve only some queues.")
    priority = forms.IntegerField(
        label="Priority",
        required=False,
        min_value=1,
        max_value=LARGEST,
        help_text="1 is handed out first. Empty: last of all.",
    )
    concurrency_limit = limit_field()
    description = forms.CharField(
        label="Description", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def columns(self) -> dict[str, Any]:
        """For the service."""
        typed = self.cleaned_data
        return {
            "priority": typed["priority"],
            "concurrency_limit": typed["concurrency_limit"],
            "description": typed["description"] or None,
        }


class LimitForm(forms.Form):
    """A limit alone."""

    concurrency_limit = limit_field()


class Sure(forms.Form):
    """The name typed again, before what cannot be undone."""

    typed = forms.CharField(label="Name, to be sure", strip=False)

    def __init__(self, *given: Any, name: str, **more: Any) -> None:
        super().__init__(*given, **more)
        self.name = name

    def clean_typed(self) -> str:
        """The same name."""
        if self.cleaned_data["typed"] != self.name:
            raise forms.ValidationError(f"Enter {self.name} to delete it.")
        return self.name
