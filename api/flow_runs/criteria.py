"""Filters and sorts of flow runs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q
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
from runs.models import FlowRun

STARTED = Coalesce("start_time", "expected_start_time")

# `start_time` asks about the expected start where there is no real one, except for
# `is_null_`
NOT_STARTED = Operator(
    "is_null_", lambda _, yes: IS_NULL.condition("start_time", yes), of=bool
)
BY_ID = Operator(
    "id_",
    lambda path, ids: Q(**{f"{path}__id__in": [str(id) for id in ids]}),
    many=True,
    of=UUID,
)
BY_TYPE = Operator(
    "type_", lambda path, types: Q(**{f"{path}__type__in": types}), many=True
)

CRITERIA = register(
    "flow_runs",
    FlowRun,
    Criteria(
        id=Field("pk", ANY, NOT_ANY, of=UUID),
        name=Field("name", ANY, LIKE),
        tags=Field("tags", TAGS),
        deployment_id=Field("deployment_id", ANY, IS_NULL, of=UUID),
        work_queue_name=Field("work_queue_name", ANY, IS_NULL),
        state=Criteria(
            type=Field("state_type", ANY, NOT_ANY),
            name=Field("state_name", ANY, NOT_ANY),
        ),
        flow_version=Field("flow_version", ANY),
        start_time=Field(STARTED, SPAN, NOT_STARTED, of=datetime),
        end_time=Field("end_time", SPAN, IS_NULL, of=datetime),
        expected_start_time=Field("expected_start_time", SPAN, of=datetime),
        next_scheduled_start_time=Field("next_scheduled_start_time", SPAN, of=datetime),
        parent_flow_run_id=Field("parent_task_run__flow_run_id", ANY, of=UUID),
        parent_task_run_id=Field("parent_task_run_id", ANY, IS_NULL, of=UUID),
        idempotency_key=Field("idempotency_key", ANY, NOT_ANY),
        created_by=Field("created_by", BY_ID, BY_TYPE, IS_NULL),
    ),
)

SORTS = {
    "ID_DESC": ("-id",),
    "START_TIME_ASC": (STARTED.asc(), "id"),
    "START_TIME_DESC": (STARTED.desc(), "-id"),
    "EXPECTED_START_TIME_ASC": ("expected_start_time", "id"),
    "EXPECTED_START_TIME_DESC": ("-expected_start_time", "-id"),
    "NAME_ASC": ("name", "id"),
    "NAME_DESC": ("-name", "-id"),
    "NEXT_SCHEDULED_START_TIME_ASC": ("next_scheduled_start_time", "id"),
    "END_TIME_DESC": (F("end_time").desc(nulls_last=True), "-id"),
}
