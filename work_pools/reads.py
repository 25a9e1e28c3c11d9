"""What pages and metrics read of waiting runs: stored reasons, depth and lateness."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count

from core.actor import Actor
from work_pools.models import Waiting


def waiting(ids: Iterable[UUID]) -> dict[UUID, Waiting]:
    """The stored reasons of runs, by run; runs without one are left out."""
    found: dict[UUID, Waiting] = Waiting.objects.in_bulk(list(ids))
    return found


def longest_waiting(actor: Actor, most: int) -> list[Waiting]:
    """Waiting runs with their reasons, the longest overdue first."""
    rows: Any = Waiting.objects.visible_to(actor).select_related("flow_run")
    found: list[Waiting] = list(
        rows.order_by("flow_run__next_scheduled_start_time", "pk")[:most]
    )
    return found


def causes(actor: Actor) -> list[tuple[str, str, int]]:
    """How many runs wait for each kind of cause and object: kind, name, runs."""
    rows = Waiting.objects.visible_to(actor).values_list("kind", "object_name")
    return list(rows.annotate(runs=Count("pk")).order_by("-runs", "kind"))
