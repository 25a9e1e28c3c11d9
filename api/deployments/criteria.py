"""Filters and sorts of deployments."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from api.base.joins import register
from core.criteria import (
    ANY,
    AT_LEAST,
    AT_MOST,
    EQUAL,
    IS_NULL,
    LIKE,
    NOT_ANY,
    TAGS,
    Criteria,
    Field,
    Operator,
)
from deployments.models import Deployment

EITHER_NAME = Operator(
    "like_",
    lambda _, text: LIKE.condition("name", text) | LIKE.condition("flow__name", text),
    of=str,
)
NOT_PAUSED = Operator("eq_", lambda _, yes: Q(paused=not yes), of=bool)

CRITERIA = register(
    "deployments",
    Deployment,
    Criteria(
        id=Field("pk", ANY, NOT_ANY, of=UUID),
        name=Field("name", ANY, LIKE),
        flow_or_deployment_name=Field("name", EITHER_NAME),
        tags=Field("tags", TAGS),
        paused=Field("paused", EQUAL, of=bool),
        is_schedule_active=Field("paused", NOT_PAUSED),
        work_queue_name=Field("work_queue_name", ANY),
        concurrency_limit=Field(
            "concurrency_limit__limit", AT_LEAST, AT_MOST, IS_NULL, of=int
        ),
    ),
)

SORTS = {
    "NAME_ASC": ("name", "id"),
    "NAME_DESC": ("-name", "-id"),
    "CREATED_DESC": ("-created", "-id"),
    "UPDATED_DESC": ("-updated", "-id"),
}
