"""Filters of work pools and of their queues."""

from __future__ import annotations

from uuid import UUID

from api.base.joins import register
from core.criteria import ANY, NOT_ANY, STARTS_WITH, Criteria, Field
from work_pools.models import WorkPool, WorkQueue

CRITERIA = register(
    "work_pools",
    WorkPool,
    Criteria(
        id=Field("pk", ANY, NOT_ANY, of=UUID),
        name=Field("name", ANY, STARTS_WITH),
        type=Field("type", ANY),
    ),
)

QUEUES = register(
    "work_pool_queues",
    WorkQueue,
    Criteria(
        id=Field("pk", ANY, NOT_ANY, of=UUID),
        name=Field("name", ANY, STARTS_WITH),
    ),
)
