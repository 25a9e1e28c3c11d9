"""Admin pages of runs. A state changes by a proposal, never by an edit."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from core.actor import OWNER
from core.admin import Admin, LookOnly
from runs.models import (
    CachedState,
    Decision,
    FlowRun,
    FlowRunState,
    Pulse,
    RunInput,
    TaskRun,
    TaskRunState,
)
from runs.orchestration.engine import propose
from runs.orchestration.transition import Because, Proposal
from runs.states import StateType

RULE = "SetInAdmin"


class ProposalForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person proposes; the run's own columns are only shown."""

    propose = forms.ChoiceField(
        choices=[("", "no change"), *StateType.choices],
        required=False,
        help_text="Rules may refuse it, or put another in its place.",
    )
    propose_name = forms.CharField(
        required=False, max_length=200, help_text="Empty: the type's own name."
    )
    message = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    force = forms.BooleanField(
        required=False, help_text="Skip the rules that protect clients."
    )


class RunAdmin(Admin):
    """What flow runs and task runs have in common."""

    form = ProposalForm
    kind: ClassVar[str]
    list_filter: ClassVar[Any] = ("state_type",)
    search_fields = ("name", "=id")
    ordering = ("-id",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Any | None = None
    ) -> tuple[str, ...]:
        """Every column."""
        return tuple(field.name for field in self.opts.fields)

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """The proposal first, then the columns."""
        asked = ("propose", "propose_name", "message", "force")
        shown = self.get_readonly_fields(request, obj)
        return ((None, {"fields": asked}), ("The row", {"fields": shown}))

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Runs are made by clients and schedules."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Any | None = None
    ) -> bool:
        """Runs are deleted over the API, which gives back what they hold."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Propose; nothing else is saved."""
        asked = form.cleaned_data
        if not asked["propose"]:
            messages.info(request, "No state was proposed; nothing changed.")
            return
        outcome = propose(
            self.kind,
            obj.pk,
            Proposal(asked["propose"], asked["propose_name"], asked["message"] or None),
            actor=OWNER,
            force=asked["force"],
            because=Because(
                RULE,
                asked["message"] or "set by a person in the admin",
                {"force": asked["force"], "user": request.user.get_username()},
            ),
        )
        if outcome.status == "ACCEPT":
            messages.success(
                request, f"Accepted: the run is now {_name(outcome.state)}."
            )
        else:
            said = (
                f"{outcome.status}: {outcome.reason} The run is {_name(outcome.state)}."
            )
            messages.warning(request, said)


def _name(state: Any) -> str:
    return state.name if state else "without a state"


@admin.register(FlowRun)
class FlowRunAdmin(RunAdmin):
    """Flow runs, newest first."""

    kind = "flow_run"
    list_display = ("name", "flow", "deployment", "state_name", "start_time", "created")
    list_select_related = ("flow", "deployment")
    list_filter = ("state_type", "auto_scheduled")


@admin.register(TaskRun)
class TaskRunAdmin(RunAdmin):
    """Task runs, newest first."""

    kind = "task_run"
    list_display = ("name", "task_key", "flow_run", "state_name", "start_time")
    list_select_related = ("flow_run",)


@admin.register(Decision)
class DecisionAdmin(LookOnly):
    """Verdicts, newest first."""

    list_display = ("created", "verdict", "rule", "from_name", "to_name", "reason")
    list_filter = ("verdict", "rule", "policy")
    search_fields = ("=flow_run__id", "=task_run__id")
    ordering = ("-created",)


class StateAdmin(LookOnly):
    """What states of both kinds have in common."""

    list_filter = ("type",)
    ordering = ("-timestamp",)


@admin.register(FlowRunState)
class FlowRunStateAdmin(StateAdmin):
    """States of flow runs, newest first."""

    list_display = ("timestamp", "name", "type", "flow_run", "message")
    list_select_related = ("flow_run",)
    search_fields = ("=flow_run__id",)


@admin.register(TaskRunState)
class TaskRunStateAdmin(StateAdmin):
    """States of task runs, newest first."""

    list_display = ("timestamp", "name", "type", "task_run", "message")
    list_select_related = ("task_run",)
    search_fields = ("=task_run__id",)


@admin.register(CachedState)
class CachedStateAdmin(LookOnly):
    """Results that may stand in for other runs."""

    list_display = ("cache_key", "state", "cache_expiration", "created")
    list_select_related = ("state",)
    search_fields = ("cache_key",)


@admin.register(Pulse)
class PulseAdmin(LookOnly):
    """Signs of life."""

    list_display = (
        "flow_run",
        "last_seen",
        "interval_seconds",
        "source",
        "host",
        "pid",
    )
    list_select_related = ("flow_run",)
    search_fields = ("source", "host")


@admin.register(RunInput)
class RunInputAdmin(LookOnly):
    """What was handed to running runs."""

    list_display = ("flow_run", "key", "sender", "created")
    list_select_related = ("flow_run",)
    search_fields = ("key",)
