"""The run list's filter: name, state, flow, deployment, tags, time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django_filters import CharFilter, FilterSet

from core.actor import Actor
from core.lookups import holds
from dashboard.base.filters import (
    Chip,
    Choice,
    Many,
    Period,
    chips,
    choices,
    named,
    one_of,
    period,
)
from dashboard.looks import GROUPS, word
from deployments.models import Deployment
from flows.models import Flow
from runs.models import FlowRun
from runs.querysets import FlowRunQuerySet
from runs.states import StateType

OFFERED = 100  # flows and deployments in a list of choices
TITLES = {
    "q": "name",
    "state": "state",
    "flow": "flow",
    "deployment": "deployment",
    "tag": "tag",
    "from": "from",
    "to": "to",
}
NAMES = ("Late", "AwaitingRetry", "AwaitingConcurrencySlot", "Cached", "TimedOut")


class RunFilter(FilterSet):  # type: ignore[misc]
    """Repeated values are alternatives, parameters add up, a leading `-` excludes."""

    q = CharFilter(method="by_name")
    state = Many(method="by_state")
    flow = Many(method="by_flow")
    deployment = Many(method="by_deployment")
    tag = Many(method="by_tag")

    class Meta:
        model = FlowRun
        fields: Sequence[str] = ()

    def by_name(self, runs: FlowRunQuerySet, name: str, text: str) -> FlowRunQuerySet:
        """Part of the name, the id, or its beginning."""
        return runs.filter(named(text))

    def by_state(
        self, runs: FlowRunQuerySet, name: str, values: list[str]
    ) -> FlowRunQuerySet:
        """Types, names and groups."""
        wanted = [value for value in values if not value.startswith("-")]
        if wanted:
            runs = runs.filter(_states(wanted))
        unwanted = [value[1:] for value in values if value.startswith("-")]
        return runs.exclude(_states(unwanted)) if unwanted else runs

    def by_flow(
        self, runs: FlowRunQuerySet, name: str, values: list[str]
    ) -> FlowRunQuerySet:
        """Ids and exact names."""
        return runs.filter(one_of("flow", values)) if values else runs

    def by_deployment(
        self, runs: FlowRunQuerySet, name: str, values: list[str]
    ) -> FlowRunQuerySet:
        """Ids and exact names."""
        return runs.filter(one_of("deployment", values)) if values else runs

    def by_tag(
        self, runs: FlowRunQuerySet, name: str, values: list[str]
    ) -> FlowRunQuerySet:
        """Runs with all the tags, or with any where `tagmode=any` says so."""
        wanted = [Q(holds("tags", tag)) for tag in values]
        if not wanted:
            return runs
        is_any = self.data.get("tagmode") == "any"
        return runs.filter(reduce(or_ if is_any else and_, wanted))


def _states(values: list[str]) -> Q:
    found = Q(pk__in=[])
    groups = {one.key: one.states for one in GROUPS}
    for value in values:
        for one in groups.get(value.lower(), (value,)):
            if one.upper() in StateType:
                found |= Q(state_type=one.upper())
            else:
                found |= Q(state_name=one)
    return found


class RunList:
    """What the address asks for: the set, its period, and the filter bar's contents."""

    def __init__(self, asked: QueryDict, actor: Actor, now: datetime) -> None:
        self.asked = asked
        self.actor = actor
        self.period: Period = period(asked, now)
        base = FlowRun.objects.visible_to(actor).by_start()
        self.matching: Any = RunFilter(asked, base).qs
        self.now = now

    @property
    def found(self) -> Any:
        """The matching runs of the period; what is still to come only if asked for."""
        runs = self.matching
        if self.period.start is not None:
            runs = runs.filter(started__gte=self.period.start)
        if self.period.end is not None:
            return runs.filter(started__lt=self.period.end)
        return runs if self.asked.get("state") else runs.filter(started__lte=self.now)

    def anytime(self) -> Any:
        """The matching runs of all times that have begun."""
        return self.matching.filter(started__lte=self.now)

    @property
    def applied(self) -> list[Chip]:
        """The chips."""
        names = {one.value: one.text for one in (*self.flows, *self.deployments)}

        def say(name: str, value: str) -> str:
            if name == "state":
                sign = "not " if value.startswith("-") else ""
                plain = value.lstrip("-")
                shown = plain.capitalize() if plain.isupper() else plain
                return f"{sign}{word(None, shown).lower()}"
            return names.get(value, value)

        return chips(self.asked, TITLES, say)

    def load(self) -> None:
        """Read the names that the filter bar offers."""
        flows: Any = Flow.objects.visible_to(self.actor).order_by("name")
        self.flows = choices(
            [(str(id), name) for id, name in flows.values_list("id", "name")[:OFFERED]],
            self.asked.getlist("flow"),
        )
        rows = (
            Deployment.objects.visible_to(self.actor)
            .order_by("flow__name", "name")
            .values_list("id", "flow__name", "name")[:OFFERED]
        )
        self.deployments = choices(
            [(str(id), f"{flow}/{name}") for id, flow, name in rows],
            self.asked.getlist("deployment"),
        )

    @property
    def states(self) -> list[tuple[str, list[Choice]]]:
        """The state filter's choices: groups first, then types and names."""
        wanted = self.asked.getlist("state")
        groups = [(one.key, one.title) for one in GROUPS if one.key != "late"]
        types = [(type.value, type.label.capitalize()) for type in StateType]
        names = [(name, word(None, name)) for name in NAMES]
        keys = [key for key, _ in groups]
        known = [*keys, *(value for value, _ in (*types, *names))]
        return [
            ("Groups", choices(groups, wanted, known=[*known, *wanted])),
            ("States", choices([*types, *names], wanted, known=keys)),
        ]
