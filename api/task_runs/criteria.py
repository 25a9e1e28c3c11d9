"""Filters and sorts of task runs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from api.base.joins import register
from core.criteria import (
    ANY,
    IS_NULL,
    LIKE,
    NOT_ANY,
    SPAN,
    TAGS,
    Criteria,
    Field,
    Operator,
)
from runs.models import FlowRun, TaskRun

STARTED = Coalesce("start_time", "expected_start_time")


def _has_child(_: str, yes: bool) -> Q:
    found = Q(Exists(FlowRun.objects.filter(parent_task_run=OuterRef("pk"))))
    return found if yes else ~found


NOT_STARTED = Operator(
    "is_null_", lambda _, yes: IS_NULL.condition("start_time", yes), of=bool
)

CRITERIA = register(
    "task_runs",
    TaskRun,
    Criteria(
        id=Field("pk", ANY, of=UUID),
        name=Field("name", ANY, LIKE),
        tags=Field("tags", TAGS),
        flow_run_id=Field("flow_run_id", ANY, IS_NULL, of=UUID),
        state=Criteria(
            type=Field("state_type", ANY, NOT_ANY),
            name=Field("state_name", ANY, NOT_ANY),
        ),
        start_time=Field(STARTED, SPAN, NOT_STARTED, of=datetime),
        end_time=Field("end_time", SPAN, IS_NULL, of=datetime),
        expected_start_time=Field("expected_start_time", SPAN, of=datetime),
        subflow_runs=Field("pk", Operator("exists_", _has_child, of=bool)),
    ),
)

SORTS = {
    "ID_DESC": ("-id",),
    "EXPECTED_START_TIME_ASC": ("expected_start_time", "id"),
    "EXPECTED_START_TIME_DESC": ("-expected_start_time", "-id"),
    "NAME_ASC": ("name", "id"),
    "NAME_DESC": ("-name", "-id"),
    "NEXT_SCHEDULED_START_TIME_ASC": ("next_scheduled_start_time", "id"),
    "END_TIME_DESC": (F("end_time").desc(nulls_last=True), "-id"),
}
