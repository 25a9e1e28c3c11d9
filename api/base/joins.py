"""Filters that cross resources, as rows compiled to subqueries.

Rooms do not import each other. Each registers its criteria under the name that bodies
use; the rows below say how one resource leads to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q

from core.actor import Actor
from core.criteria import Criteria


@dataclass(frozen=True, slots=True)
class Resource:
    """What can be filtered: the table, and the criteria of its room."""

    model: type[Model]
    criteria: Criteria


RESOURCES: dict[str, Resource] = {}

# (from, to) -> the path from a row of `from` to the one row of `to` that it belongs to
UP = {
    ("flow_runs", "flows"): "flow",
    ("flow_runs", "deployments"): "deployment",
    ("flow_runs", "work_pool_queues"): "work_queue",
    ("flow_runs", "work_pools"): "work_queue__pool",
    ("task_runs", "flow_runs"): "flow_run",
    ("deployments", "flows"): "flow",
    ("deployments", "work_pool_queues"): "work_queue",
    ("deployments", "work_pools"): "work_queue__pool",
}

# (from, to) -> the column in the table of `to` that leads back to a row of `from`
DOWN = {
    ("flow_runs", "task_runs"): "flow_run",
    ("flows", "flow_runs"): "flow",
    ("flows", "deployments"): "flow",
    ("deployments", "flow_runs"): "deployment",
}

MANY = {"flow_runs", "task_runs"}  # resources of which there may be millions

# (from, to) -> the resource in between
INDIRECT = {
    ("task_runs", "flows"): "flow_runs",
    ("task_runs", "deployments"): "flow_runs",
    ("task_runs", "work_pools"): "flow_runs",
    ("task_runs", "work_pool_queues"): "flow_runs",
    ("flows", "task_runs"): "flow_runs",
    ("flows", "work_pools"): "deployments",
    ("flows", "work_pool_queues"): "deployments",
    ("deployments", "task_runs"): "flow_runs",
}


def register(name: str, model: type[Model], criteria: Criteria) -> Criteria:
    """Make a room's criteria known to the other rooms' filters."""
    RESOURCES[name] = Resource(model, criteria)
    return criteria


def where(name: str, filters: Mapping[str, Any], *, actor: Actor) -> Q:
    """The condition on rows of `name` that all the filters of a body mean.

    Filters that pass through the same resource must hold for the same row of it.
    """
    return _where(name, {key: one for key, one in filters.items() if one}, actor)


def _where(name: str, sent: Mapping[str, Any], actor: Actor) -> Q:
    condition = Q()
    if name in sent:
        condition = RESOURCES[name].criteria.condition(sent[name], ("body", name))
    steps: dict[str, dict[str, Any]] = {}
    for other, value in sent.items():
        if other != name:
            step = INDIRECT.get((name, other), other)
            steps.setdefault(step, {})[other] = value
    for step, inner in steps.items():
        condition &= _linked(name, step, inner, actor)
    return condition


def _linked(name: str, step: str, inner: Mapping[str, Any], actor: Actor) -> Q:
    """The condition on rows of `name` that a row of `step` that is meant exists.

    Few rows are looked up first, so that an index can lead from them; of many, each
    row's own is looked at.
    """
    path, condition = UP.get((name, step)), _where(step, inner, actor)
    if path is not None and (ids := _ids_alone(condition)) is not None:
        return Q(**{f"{path}__in": ids})
    rows = RESOURCES[step].model._default_manager.visible_to(actor)  # type: ignore[attr-defined]
    meant = rows.filter(condition)
    if path is None:
        return Q(Exists(meant.filter(**{DOWN[name, step]: OuterRef("pk")})))
    if step in MANY and "id" not in inner.get(step, {}):
        return Q(Exists(meant.filter(pk=OuterRef(path))))
    return Q(**{f"{path}__in": meant.values("pk")})


def _ids_alone(condition: Q) -> list[Any] | None:
    """The ids, if a condition asks for nothing but them; the row need not be read."""
    match condition.children:
        case [("pk__in", ids)] if not condition.negated:
            return list(ids)
    return None
