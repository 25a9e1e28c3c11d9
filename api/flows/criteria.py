"""Filters and sorts of flows."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from api.base.joins import register
from core.criteria import ANY, LIKE, NOT_ANY, TAGS, Criteria, Field, Operator
from deployments.models import Deployment
from flows.models import Flow


def _without_deployments(_: str, yes: bool) -> Q:
    found = Q(Exists(Deployment.objects.filter(flow=OuterRef("pk"))))
    return ~found if yes else found


CRITERIA = register(
    "flows",
    Flow,
    Criteria(
        id=Field("pk", ANY, NOT_ANY, of=UUID),
        name=Field("name", ANY, LIKE),
        tags=Field("tags", TAGS),
        deployment=Field("pk", Operator("is_null_", _without_deployments, of=bool)),
    ),
)

SORTS = {
    "NAME_ASC": ("name", "id"),
    "NAME_DESC": ("-name", "-id"),
    "CREATED_DESC": ("-created", "-id"),
    "UPDATED_DESC": ("-updated", "-id"),
}
