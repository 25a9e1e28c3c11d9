"""Page-sized reads about runs: table rows, tags, progress, late and next ones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from runs.models import FlowRun, FlowRunState, TaskRun
from runs.querysets import FlowRunQuerySet
from runs.states import FINAL, LATE, PROBLEM, SCHEDULED, StateType

Rows = QuerySet[Any, Any]  # flow runs with annotations

_TIMES = ("start_time", "expected_start_time")

# What no list shows, and what may be long.
_HEAVY = (
    "parameters",
    "context",
    "labels",
    "job_variables",
    "created_by",
)


def with_message(runs: FlowRunQuerySet) -> Rows:
    """With `message`: what the present state says."""
    said = FlowRunState.objects.filter(pk=OuterRef("state_id")).values("message")[:1]
    return runs.annotate(message=Subquery(said))


def for_table(runs: FlowRunQuerySet) -> Rows:
    """What a row of the run list shows, without what it does not."""
    joined = runs.select_related("flow", "deployment", "work_queue__pool")
    light = joined.defer(
        *_HEAVY,
        "deployment__parameters",
        "deployment__parameter_openapi_schema",
        "deployment__job_variables",
        "work_queue__pool__base_job_template",
    )
    return with_message(light.by_start())


def running(runs: FlowRunQuerySet) -> Rows:
    """Running now, oldest first."""
    return for_table(runs.filter(state_type=StateType.RUNNING)).order_by(
        "started", "id"
    )


def late(runs: FlowRunQuerySet) -> Rows:
    """Late, longest first."""
    found = runs.filter(state_type=StateType.SCHEDULED, state_name=LATE)
    return for_table(found).order_by("next_scheduled_start_time", "id")


def coming(runs: FlowRunQuerySet, now: datetime) -> Rows:
    """Scheduled to start, next first."""
    found = runs.filter(
        state_type=StateType.SCHEDULED, next_scheduled_start_time__gt=now
    )
    return for_table(found).order_by("next_scheduled_start_time", "id")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a run's known task runs are done, failed, running."""

    done: int
    failed: int
    running: int
    total: int

    @property
    def ended(self) -> int:
        """Done or failed."""
        return self.done + self.failed


def progress(ids: Collection[UUID]) -> dict[UUID, Progress]:
    """The progress of several flow runs; those without tasks are left out."""
    counts: dict[UUID, dict[str | None, int]] = {}
    tasks: Any = TaskRun.objects
    rows = (
        tasks.filter(flow_run__in=list(ids))
        .order_by()
        .values_list("flow_run_id", "state_type")
        .annotate(runs=Count("pk"))
    )
    for id, type, number in rows:
        counts.setdefault(id, {})[type] = number
    return {id: _progress(by_type) for id, by_type in counts.items()}


def _progress(by_type: dict[str | None, int]) -> Progress:
    failed = sum(by_type.get(type, 0) for type in PROBLEM)
    ended = sum(by_type.get(type, 0) for type in FINAL)
    return Progress(
        ended - failed,
        failed,
        by_type.get(StateType.RUNNING, 0),
        sum(by_type.values()),
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """A flow with failed runs in a window, and what its newest one said."""

    flow_id: UUID
    flow: str
    runs: int
    last: datetime
    message: str


def troubles(started: Rows, *, most: int) -> list[Trouble]:
    """The flows with most failed runs in a set with `started`."""
    failed = started.filter(state_type__in=PROBLEM).order_by()
    newest = (
        FlowRun.objects.filter(flow=OuterRef("flow_id"), state_type__in=PROBLEM)
        .order_by(Coalesce("start_time", "expected_start_time").desc())
        .values("state_id")[:1]
    )
    said = FlowRunState.objects.filter(pk=OuterRef("newest")).values("message")[:1]
    groups = failed.values("flow_id", "flow__name").annotate(
        runs=Count("pk"), last=Max("started")
    )
    rows = list(
        groups.annotate(newest=Subquery(newest))
        .annotate(message=Subquery(said))
        .order_by("-runs", "flow__name")[:most]
    )
    return [
        Trouble(
            row["flow_id"],
            row["flow__name"],
            row["runs"],
            row["last"],
            row["message"] or "",
        )
        for row in rows
    ]


def siblings(
    run: FlowRun, runs: FlowRunQuerySet
) -> tuple[FlowRun | None, FlowRun | None]:
    """The previous and the next run of the same deployment, or else flow."""
    same = (
        runs.filter(deployment=run.deployment_id)
        if run.deployment_id
        else runs.filter(flow=run.flow_id)
    )
    began = run.start_time or run.expected_start_time
    if began is None:
        return None, None
    others: Rows = same.exclude(state_name=SCHEDULED).exclude(pk=run.pk).by_start()
    ids = others.values("pk")
    before = ids.filter(started__lte=began).order_by("-started", "-id")[:1]
    after = ids.filter(started__gt=began).order_by("started", "id")[:1]
    either = Q(pk=Subquery(before)) | Q(pk=Subquery(after))
    found = runs.filter(either).by_start().only("id", "name", *_TIMES)
    previous = following = None
    for one in found:
        if one.started > began:  # type: ignore[attr-defined] # annotated
            following = one
        else:
            previous = one
    return previous, following


def next_starts(
    owner: str, ids: Collection[UUID], now: datetime
) -> dict[UUID, datetime]:
    """When each flow or deployment (`owner`) starts next."""
    rows = (
        FlowRun.objects.filter(
            **{f"{owner}__in": list(ids)},
            state_type=StateType.SCHEDULED,
            next_scheduled_start_time__gt=now,
        )
        .order_by()
        .values_list(owner)
        .annotate(next=Min("next_scheduled_start_time"))
    )
    return dict(rows)
