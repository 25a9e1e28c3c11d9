"""What the hand-out knows of each run: holds, and the slots left at its deployment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from concurrency.models import Slot
from concurrency.slots import live
from runs.models import FlowRun
from runs.querysets import FlowRunQuerySet
from runs.states import StateType
from work_pools.due import LIMIT as _LIMIT
from work_pools.due import Due

UNLIMITED = 2**31 - 1
OCCUPIED = (StateType.PENDING, StateType.RUNNING)  # slots of pools and their queues
OCCUPIED_CLASSIC = (*OCCUPIED, StateType.CANCELLING)  # slots of agents' queues
# a run that sleeps in its own process is nobody else's to start
_RETRY_TYPE = KeyTextTransform("retry_type", "empirical_policy")
_RETRY = Coalesce(_RETRY_TYPE, Value(""), output_field=TextField())
FOR_OTHERS = ~Q(Exact(_RETRY, Value("in_process")))

_STRATEGY = KeyTextTransform("collision_strategy", "deployment__concurrency_options")
# such runs are handed out although there is no slot: the rule then cancels them
_CANCELS_NEW = Q(
    Exact(Coalesce(_STRATEGY, Value(""), output_field=TextField()), Value("CANCEL_NEW"))
)


def startable(runs: FlowRunQuerySet, now: datetime) -> FlowRunQuerySet:
    """Without what is held, or has no slot at its deployment or within its schedule.

    Each comes with `deployment_room` and `schedule_room`: how many runs of its kind
    may start, `UNLIMITED` where nothing limits them.
    """
    found: FlowRunQuerySet = (
        runs.filter(FOR_OTHERS)
        .exclude(held())
        .annotate(deployment_room=deployment_room(now), schedule_room=schedule_room())
        .filter(deployment_room__gt=0, schedule_room__gt=0)
    )
    return found


def unbound(due: Due, most: int) -> list[FlowRun] | None:
    """The first scheduled runs, if nothing about any of them has to be looked up.

    Most pages are of this kind, and the statement is a quarter of `startable`'s.
    """
    found: list[Any] = due.first(most)
    for run in found:
        is_free = run.limit_id is None and run.schedule_identity is None
        if not is_free or run.auto_scheduled or sleeps(run):
            return None
        run.deployment_room = run.schedule_room = UNLIMITED
    return found


def sleeps(run: FlowRun) -> bool:
    """Whether the run waits in its own process."""
    return bool(run.empirical_policy.get("retry_type") == "in_process")


def held() -> Q:
    """Made by a schedule, and the deployment is paused or an operator holds it."""
    mine = Q(deployment__holds__schedule_identity__isnull=True) | Q(
        deployment__holds__schedule_identity=F("schedule_identity")
    )
    holds = FlowRun.objects.filter(
        mine, deployment__holds__isnull=False, pk=OuterRef("pk")
    )
    return Q(Q(deployment__paused=True) | Q(Exists(holds)), auto_scheduled=True)


def deployment_room(now: datetime) -> Any:
    """Slots left of the limit on the runs of the deployment."""
    used = (
        Slot.objects.filter(live(now), limit_id=OuterRef(f"{_LIMIT}_id"))
        .order_by()
        .values("limit_id")
        .annotate(used=Sum("slots"))
        .values("used")
    )
    free = F(f"{_LIMIT}__limit") - Coalesce(Subquery(used), Value(0))
    return Case(
        When(Q(**{f"{_LIMIT}__isnull": True}), then=Value(UNLIMITED)),
        When(Q(**{f"{_LIMIT}__active": False}), then=Value(UNLIMITED)),
        When(Q(**{f"{_LIMIT}__limit": 0}), then=Value(0)),
        When(_CANCELS_NEW, then=Value(UNLIMITED)),
        default=free,
        output_field=IntegerField(),
    )


def schedule_room() -> Any:
    """How many more runs of its schedule may be active at once; back-fills have a
    limit of their own."""
    most = FlowRun.objects.filter(
        pk=OuterRef("pk"),
        deployment__schedules__identity=F("schedule_identity"),
        deployment__schedules__max_active_runs__isnull=False,
    ).values("deployment__schedules__max_active_runs")[:1]
    active = (
        FlowRun.objects.filter(
            deployment=OuterRef("deployment"),
            schedule_identity=OuterRef("schedule_identity"),
            backfill_id__isnull=True,
            state_type__in=(*OCCUPIED_CLASSIC, StateType.PAUSED),
        )
        .order_by()
        .values("deployment")
        .annotate(active=Count("pk"))
        .values("active")
    )
    limited = Coalesce(
        Subquery(most) - Coalesce(Subquery(active), Value(0)), Value(UNLIMITED)
    )
    return Case(
        When(
            Q(schedule_identity__isnull=True) | Q(backfill_id__isnull=False),
            then=Value(UNLIMITED),
        ),
        default=limited,
        output_field=IntegerField(),
    )
