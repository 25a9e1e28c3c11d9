"""The filters that the bodies of lists carry, one object per resource."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from api.base.joins import where
from api.base.paging import Numbered, Several, Window
from api.base.wire import JsonObject, Wire
from core.actor import Actor


class Filters(Wire):
    """Filters by the resources that runs, flows and deployments hang together with."""

    flows: JsonObject | None = None
    flow_runs: JsonObject | None = None
    task_runs: JsonObject | None = None
    deployments: JsonObject | None = None
    work_pools: JsonObject | None = None
    work_pool_queues: JsonObject | None = None

    def condition(self, name: str, actor: Actor) -> Q:
        """On rows of the resource `name`."""
        sent: dict[str, Any] = {key: getattr(self, key) for key in Filters.model_fields}
        return where(name, sent, actor=actor)


class Page(Window, Filters):
    """Filters, a sort and a window."""

    sort: str | None = None


class PageNumber(Numbered, Filters):
    """Filters, a sort and the number of a page."""


class Bulk(Wire):
    """What a bulk operation acts on: the first objects that a filter selects."""

    flows: JsonObject | None = None
    flow_runs: JsonObject | None = None
    deployments: JsonObject | None = None
    limit: Several = 50

    def chosen(self, rows: Any, name: str, actor: Actor) -> list[UUID]:
        """The ids of the objects of the kind `name`."""
        condition = where(name, {name: getattr(self, name)}, actor=actor)
        found = rows.filter(condition).order_by("pk")[: self.limit]
        return list(found.values_list("pk", flat=True))


class Deleted(Wire):
    """What a bulk operation deleted."""

    deleted: list[UUID]
