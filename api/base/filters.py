"""The filters that the bodies of lists carry, one object per resource."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from api.base.joins import where
from api.base.paging import Window
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
