"""Everything that can be in the way of some waiting runs, read with few statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from concurrency import slots
from concurrency.models import Limit
from runs.explanations import Thing
from runs.models import FlowRun, Pulse
from runs.querysets import FlowRunQuerySet
from runs.states import StateType
from work_pools import occupancy
from work_pools.eligible import OCCUPIED_CLASSIC, schedule_room
from work_pools.models import Agent, WorkPool, WorkQueue
from work_pools.reasons import thing
from work_pools.staff import Staff, staff_of

MOST_HOLDERS = 20  # told of one limit


@dataclass(frozen=True, slots=True)
class HeldBy:
    """An operator's word about the runs of a deployment, or of one schedule."""

    schedule: str | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Runs that wait, and what is around them; holders of slots are read on demand."""

    now: datetime
    runs: Sequence[FlowRun]
    holds: dict[UUID, HeldBy]
    schedule_rooms: dict[UUID, int]
    used_by_queue: dict[UUID, int]
    used_by_pool: dict[UUID, int]
    used_of_limits: dict[UUID, int]
    staff: Staff
    _holders: dict[object, list[Thing]] = field(default_factory=dict)

    def used_in_pool(self, pool: WorkPool) -> int:
        """Slots of a pool in use."""
        return self.used_by_pool.get(pool.pk, 0)

    def used_in_queue(self, queue: WorkQueue) -> int:
        """Slots of a queue in use."""
        return self.used_by_queue.get(queue.pk, 0)

    def limit_of(self, deployment: Any) -> Limit | None:
        """The active limit that makes runs of a deployment wait."""
        limit: Limit | None = deployment.concurrency_limit if deployment else None
        if limit is None or not limit.active:
            return None
        options = deployment.concurrency_options or {}
        cancels_new = options.get("collision_strategy") == "CANCEL_NEW"
        return None if cancels_new and limit.limit else limit

    def used_of(self, limit: Limit) -> int:
        """Slots of a limit in use."""
        return self.used_of_limits.get(limit.pk, 0)

    def holders_in_pool(self, pool: WorkPool) -> list[Thing]:
        """The runs that hold slots of a pool."""
        return self._runs(pool.pk, occupancy.in_pool(pool))

    def holders_in_queue(self, queue: WorkQueue) -> list[Thing]:
        """The runs that hold slots of a queue."""
        return self._runs(queue.pk, occupancy.in_queue(queue))

    def holders_of(self, limit: Limit) -> list[Thing]:
        """The runs that hold slots of a limit."""
        if limit.pk not in self._holders:
            held = slots.holders(limit.pk, self.now)[:MOST_HOLDERS]
            ids = [id for kind, id, _, _ in held if kind == "flow_run" and id]
            self._runs(limit.pk, FlowRun.objects.filter(pk__in=ids))
        return self._holders[limit.pk]

    def holders_of_schedule(self, run: FlowRun) -> list[Thing]:
        """The active runs of the same schedule."""
        active = FlowRun.objects.filter(
            deployment=run.deployment_id,
            schedule_identity=run.schedule_identity,
            state_type__in=(*OCCUPIED_CLASSIC, StateType.PAUSED),
        )
        return self._runs((run.deployment_id, run.schedule_identity), active)

    def holders_of_agent(self, agent: Agent) -> list[Thing]:
        """The runs an agent vouches for."""
        beats = Pulse.objects.filter(source=agent.name).values("flow_run")
        busy = FlowRun.objects.filter(pk__in=beats, state_type__in=OCCUPIED_CLASSIC)
        return self._runs(agent.pk, busy)

    def _runs(self, key: object, runs: FlowRunQuerySet) -> list[Thing]:
        if key not in self._holders:
            rows = runs.order_by("state_timestamp", "id").only("name")[:MOST_HOLDERS]
            self._holders[key] = [thing("flow_run", row) for row in rows]
        return self._holders[key]


def look_around(ids: Collection[UUID], now: datetime) -> Surroundings:
    """Read what is around these runs."""
    rows: Any = FlowRun.objects.filter(pk__in=list(ids)).select_related(
        "work_queue__pool", "deployment__concurrency_limit"
    )
    runs: list[Any] = list(rows.only(*_READ))
    queues = {run.work_queue.pk: run.work_queue for run in runs if run.work_queue}
    pools = {queue.pool.pk: queue.pool for queue in queues.values()}
    by_queue, by_pool = _usage(queues.values())
    deployments = [run.deployment for run in runs if run.deployment]
    limits = {d.concurrency_limit_id for d in deployments if d.concurrency_limit_id}
    return Surroundings(
        now=now,
        runs=runs,
        holds=_holds([r.pk for r in runs if r.auto_scheduled and r.deployment_id]),
        schedule_rooms=_rooms([r.pk for r in runs if r.schedule_identity]),
        used_by_queue=by_queue,
        used_by_pool=by_pool,
        used_of_limits=slots.in_use(limits, now) if limits else {},
        staff=staff_of(list(pools.values()), now),
    )


def _usage(queues: Collection[Any]) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Slots in use by queue and by pool; nothing is asked where nothing is limited."""
    limited = {
        queue.pool_id
        for queue in queues
        if queue.concurrency_limit is not None
        or queue.pool.concurrency_limit is not None
    }
    if not limited:
        return {}, {}
    return occupancy.by_queue_and_pool(limited)


def _holds(ids: list[UUID]) -> dict[UUID, HeldBy]:
    """The hold on each of the runs that is held; one of its whole deployment first."""
    if not ids:
        return {}
    mine = Q(deployment__holds__schedule_identity__isnull=True) | Q(
        deployment__holds__schedule_identity=F("schedule_identity")
    )
    rows: Any = FlowRun.objects.filter(
        mine, deployment__holds__isnull=False, pk__in=ids
    ).values_list(
        "pk",
        "deployment__holds__schedule_identity",
        "deployment__holds__reason",
        "deployment__holds__created_by",
    )
    found: dict[UUID, HeldBy] = {}
    for id, schedule, reason, by in rows:
        if id not in found or schedule is None:
            who = (by or {}).get("display_value") or ""
            found[id] = HeldBy(schedule, reason or "", str(who))
    return found


def _rooms(ids: list[UUID]) -> dict[UUID, int]:
    if not ids:
        return {}
    rows = FlowRun.objects.filter(pk__in=ids).annotate(room=schedule_room())
    return dict(rows.values_list("pk", "room"))


_QUEUE = ("name", "is_paused", "concurrency_limit")
_DEPLOYMENT = ("name", "paused", "last_polled", "concurrency_options")
_READ = (
    "name",
    "state_type",
    "state_name",
    "empirical_policy",
    "auto_scheduled",
    "schedule_identity",
    "next_scheduled_start_time",
    "work_queue_name",
    "work_queue__last_polled",
    *(f"work_queue__{column}" for column in _QUEUE),
    *(f"work_queue__pool__{column}" for column in _QUEUE),
    "work_queue__pool__type",
    "work_queue__pool__workspace",
    *(f"deployment__{column}" for column in _DEPLOYMENT),
    "deployment__concurrency_limit__name",
    "deployment__concurrency_limit__limit",
    "deployment__concurrency_limit__active",
)
