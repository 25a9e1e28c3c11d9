"""Why a due run has not been handed out: a sentence that names what is in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from runs.models import FlowRun
from runs.states import AWAITING_SLOT, StateType
from work_pools.eligible import sleeps
from work_pools.health import is_polled
from work_pools.models import Waiting, WorkPool, WorkQueue
from work_pools.reasons import Kind, Reason, full, held_by, thing
from work_pools.staff import calling
from work_pools.surroundings import Surroundings, look_around

Finder = Callable[[Any, Surroundings], Reason | None]


def why_not(runs: Iterable[FlowRun], now: datetime) -> dict[UUID, str]:
    """The sentence per run: as stored, or as it is now where nothing is stored yet."""
    listed = list(runs)
    if not listed:
        return {}
    rows = Waiting.objects.filter(pk__in=[run.pk for run in listed])
    told: dict[UUID, str] = dict(rows.values_list("pk", "sentence"))
    missing = [run for run in listed if run.pk not in told]
    return told | {id: one.sentence for id, one in reasons(missing, now).items()}


def reasons(runs: Iterable[FlowRun], now: datetime) -> dict[UUID, Reason]:
    """The reason per run, as it is now; few statements, however many runs."""
    ids = [run.pk for run in runs]
    if not ids:
        return {}
    around = look_around(ids, now)
    return {run.pk: _reason(run, around) for run in around.runs}


def waiting_for(run: FlowRun, now: datetime) -> Reason | None:
    """What a run waits for, as it is now; nothing unless it is due and scheduled."""
    if run.state_type != StateType.SCHEDULED:
        return None
    due = run.next_scheduled_start_time
    found = reasons([run], now).get(run.pk)
    if due is None or due <= now:
        return found
    waits_for_slot = found and found.kind == Kind.FULL_DEPLOYMENT
    return found if run.state_name == AWAITING_SLOT and waits_for_slot else None


def _reason(run: Any, around: Surroundings) -> Reason:
    """What is in the way of one run: the first of the table that applies."""
    for find in _CAUSES:
        reason = find(run, around)
        if reason is not None:
            return reason
    queue: WorkQueue = run.work_queue
    sentence = f"waits for the next poll of pool {queue.pool.name}"
    return Reason(Kind.NEXT_POLL, sentence, thing("work_pool", queue.pool))


def _own_process(run: Any, around: Surroundings) -> Reason | None:
    is_asleep = sleeps(run)
    if run.deployment is not None and not is_asleep:
        return None
    if not is_asleep and (run.work_queue or run.work_queue_name):
        return None
    text = "its own process starts it again" if is_asleep else ""
    text = text or "the process that made it has not started it"
    return Reason(Kind.OWN_PROCESS, text, thing("flow_run", run))


def _held(run: Any, around: Surroundings) -> Reason | None:
    deployment = run.deployment
    if not run.auto_scheduled or deployment is None:
        return None
    named = thing("deployment", deployment)
    if deployment.paused:
        text = f"deployment {deployment.name} is paused"
        return Reason(Kind.PAUSED_DEPLOYMENT, text, named)
    hold = around.holds.get(run.pk)
    if hold is None:
        return None
    what = f"deployment {deployment.name}"
    if hold.schedule is not None:
        what = f"schedule {hold.schedule} of {what}"
    by = f" by {hold.by}" if hold.by else ""
    why = f": {hold.reason}" if hold.reason else ""
    return Reason(Kind.HOLD, f"{what} is held{by}{why}", named)


def _paused(run: Any, around: Surroundings) -> Reason | None:
    queue = run.work_queue
    if queue is None:
        return None
    pool = queue.pool
    if pool.is_paused:
        named = thing("work_pool", pool)
        return Reason(Kind.PAUSED_POOL, f"pool {pool.name} is paused", named)
    if queue.is_paused:
        text = f"queue {queue.name} of pool {pool.name} is paused"
        return Reason(Kind.PAUSED_QUEUE, text, thing("work_queue", queue))
    return None


def _full_place(run: Any, around: Surroundings) -> Reason | None:
    queue = run.work_queue
    if queue is None:
        return None
    pool = queue.pool
    limit, used = pool.concurrency_limit, around.used_in_pool(pool)
    if limit is not None and used >= limit:
        named, by = thing("work_pool", pool), around.holders_in_pool(pool)
        what = f"pool {pool.name}"
        return full(Kind.FULL_POOL, what, named, used=used, limit=limit, by=by)
    limit, used = queue.concurrency_limit, around.used_in_queue(queue)
    if limit is not None and used >= limit:
        named, by = thing("work_queue", queue), around.holders_in_queue(queue)
        what = f"queue {queue.name} of pool {pool.name}"
        return full(Kind.FULL_QUEUE, what, named, used=used, limit=limit, by=by)
    return None


def _full_deployment(run: Any, around: Surroundings) -> Reason | None:
    deployment = run.deployment
    limit = around.limit_of(deployment)
    if limit is None or around.used_of(limit) < limit.limit:
        return None
    return full(
        Kind.FULL_DEPLOYMENT,
        f"deployment {deployment.name}",
        thing("deployment", deployment),
        used=around.used_of(limit),
        limit=limit.limit,
        by=around.holders_of(limit),
    )


def _full_schedule(run: Any, around: Surroundings) -> Reason | None:
    if run.deployment is None or around.schedule_rooms.get(run.pk, 1) > 0:
        return None
    by = around.holders_of_schedule(run)
    what = f"schedule {run.schedule_identity} of deployment {run.deployment.name}"
    text = f"{what} has as many active runs as it may{held_by(by, len(by))}"
    return Reason(
        Kind.FULL_SCHEDULE, text, thing("deployment", run.deployment), tuple(by)
    )


def _unserved(run: Any, around: Surroundings) -> Reason | None:
    """Runs outside of pools: whoever serves their deployment asks for them."""
    if run.work_queue is not None:
        return None
    deployment = run.deployment
    if deployment is None:
        text = f"no agent asks a queue named {run.work_queue_name} for work"
        named = thing("work_queue", None)
        return Reason(Kind.NO_WORKER, text, named)
    named = thing("deployment", deployment)
    if is_polled(deployment.last_polled, around.now):
        text = f"waits for the next poll of deployment {deployment.name}"
        return Reason(Kind.NEXT_POLL, text, named)
    text = f"deployment {deployment.name} names no work pool, and nobody serves it"
    return Reason(Kind.UNSERVED, text, named)


def _full_agents(run: Any, around: Surroundings) -> Reason | None:
    """All who would take it are agents of ours, and all of them are full."""
    queue: WorkQueue = run.work_queue
    if around.staff.online_workers(queue.pool):
        return None
    agents = around.staff.online_agents(queue.pool, queue)
    if not agents or any(a.limit is None or a.busy < a.limit for a in agents):
        return None
    first = agents[0]
    return full(
        Kind.FULL_AGENT,
        f"agent {first.name}",
        thing("agent", first),
        used=first.busy,
        limit=first.limit or 0,
        by=around.holders_of_agent(first),
    )


def _unasked(run: Any, around: Surroundings) -> Reason | None:
    queue: WorkQueue = run.work_queue
    if is_polled(queue.last_polled, around.now):
        return None
    pool, staff = queue.pool, around.staff
    others = staff.polled_queues(pool)
    if others:
        asked = ", ".join(other.name for other in others)
        text = f"nobody asks queue {queue.name} of pool {pool.name} for work, "
        text += f"only queue {asked}" if len(others) == 1 else f"only queues {asked}"
        return Reason(Kind.WRONG_QUEUE, text, thing("work_queue", queue))
    workers, agents = staff.online_workers(pool), staff.online_agents(pool)
    if workers or agents:
        kind, alive = ("worker", workers[0]) if workers else ("agent", agents[0])
        text = f"{kind} {alive.name} of pool {pool.name} is alive and asks for no work"
        return Reason(Kind.SILENT_WORKER, text, thing(kind, alive))
    return _deserted(queue, pool, around)


def _deserted(queue: WorkQueue, pool: WorkPool, around: Surroundings) -> Reason:
    """Nobody works for the pool."""
    word, last = calling(pool), around.staff.last_worker(pool)
    named = thing("work_pool", pool)
    if last is not None:
        text = f"no {word} of pool {pool.name} is online, the last was {last.name}"
    elif queue.last_polled is None:
        text = f"no {word} has asked pool {pool.name} for work yet"
    else:
        text = f"no {word} polls queue {queue.name} of pool {pool.name}"
    return Reason(Kind.NO_WORKER, text, named)


# in this order: what an operator decided, what is full, who is missing
_CAUSES: tuple[Finder, ...] = (
    _own_process,
    _held,
    _paused,
    _full_place,
    _full_deployment,
    _full_schedule,
    _unserved,
    _full_agents,
    _unasked,
)
