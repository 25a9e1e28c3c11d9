"""Taking the first of the startable runs without going beyond anybody's slots."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from runs.models import FlowRun
from work_pools.due import BY_TIME, Due
from work_pools.eligible import UNLIMITED, startable, unbound
from work_pools.offers import offers


@dataclass(slots=True)
class Quotas:
    """How many more runs of a kind may be handed out with this poll."""

    left: dict[Hashable, int]
    spent: dict[Hashable, Q] = field(default_factory=dict)

    def admits(self, run: Any) -> bool:
        """Whether each kind the run is of has room; it takes its part then."""
        mine = list(self._kinds(run))
        for key, room, rest in mine:
            if self.left.setdefault(key, room) <= 0:
                self.spent[key] = rest
                return False
        for key, _, _ in mine:
            self.left[key] -= 1
        return True

    def _kinds(self, run: Any) -> Iterator[tuple[Hashable, int, Q]]:
        """The kinds that are limited, with their room, and what selects the others."""
        queue = ("queue", run.work_queue_id)
        if self.left.get(queue, UNLIMITED) < UNLIMITED:
            yield queue, 0, Q(work_queue=run.work_queue_id)
        if run.deployment_room < UNLIMITED:
            rest = Q(deployment=run.deployment_id)
            yield ("deployment", run.deployment_id), run.deployment_room, rest
        if run.schedule_room < UNLIMITED:
            mine = (run.deployment_id, run.schedule_identity)
            rest = Q(deployment=mine[0], schedule_identity=mine[1])
            yield ("schedule", *mine), run.schedule_room, rest

    def is_free(self, run: Any) -> bool:
        """Whether nothing limits the run."""
        return next(self._kinds(run), None) is None


def take(
    due: Due,
    most: int,
    quotas: Quotas,
    *,
    now: datetime,
    place: UUID | None,
) -> list[FlowRun]:
    """The first `most` of the scheduled runs that may start, by time.

    With a `place`, runs that nothing limits and that another poller of the place was
    offered a moment ago come only where the others do not suffice.
    """
    if most <= 0:
        return []
    if place is None:
        return list(_walk(due, most, quotas, now))
    fresh: list[FlowRun] = []
    taken = offers.of(place)
    while len(fresh) < most:
        found = list(_walk(due.without(taken), most - len(fresh), quotas, now))
        free = {run.pk for run in found if quotas.is_free(run)}
        lost = free - offers.make(place, free)
        fresh += [run for run in found if run.pk not in lost]
        taken |= {run.pk for run in found}
        if not lost:
            break
    again = offers.of(place) - {run.pk for run in fresh}
    if len(fresh) < most and again:
        rest = due.among(again)
        fresh += _walk(rest, most - len(fresh), quotas, now)
        fresh.sort(key=_time)
    return fresh


def _walk(due: Due, most: int, quotas: Quotas, now: datetime) -> Iterator[FlowRun]:
    """Page by page, past those of kinds whose slots are spent.

    Each page but the last yields one run at least: the first of a kind it starts with
    has room, or it would not be startable.
    """
    plain = unbound(due, most)
    if plain is not None and all(map(quotas.is_free, plain)):
        yield from plain
        return
    after = Q()
    ordered = startable(due.rows(), now).order_by(*BY_TIME)
    while most > 0:
        rows = ordered.filter(after)
        for spent in quotas.spent.values():
            rows = rows.exclude(spent)
        page = list(rows[:most])
        admitted = [run for run in page if quotas.admits(run)]
        yield from admitted
        if len(admitted) == len(page) or len(page) < most:
            return
        most -= len(admitted)
        at, id = _time(page[-1])
        after = Q(next_scheduled_start_time__gt=at) | Q(
            next_scheduled_start_time=at, pk__gt=id
        )


def _time(run: FlowRun) -> Any:
    return run.next_scheduled_start_time, run.pk
