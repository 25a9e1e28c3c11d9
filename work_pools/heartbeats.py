"""Signs of life of workers and agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.errors import NotFound
from core.sql import write
from runs import pulses
from runs.models import FlowRun
from runs.pulses import Beat
from runs.states import FINAL, StateType
from work_pools.models import Agent, Worker, WorkPool


@dataclass(frozen=True, slots=True)
class Introduction:
    """What an agent says of itself with every beat."""

    name: str
    host: str
    pid: int
    boot_id: str | None
    work_pool: str | None
    work_queues: Sequence[str]
    interval_seconds: float
    limit: int | None = None  # runs it takes at once
    busy: int = 0  # runs it has


def worker_beats(
    pool: WorkPool, name: str, *, interval: float | None, now: datetime
) -> None:
    """Note that a worker of a pool lives; one that is new is added."""
    said = {} if interval is None else {"heartbeat_interval_seconds": interval}
    worker = Worker(
        pool=pool, name=name, last_heartbeat=now, created=now, updated=now, **said
    )
    with write():
        Worker.objects.bulk_create(
            [worker],
            update_conflicts=True,
            unique_fields=["pool", "name"],
            update_fields=["last_heartbeat", "updated", *said],
        )


def agent_beats(
    agent: Introduction, runs: Mapping[UUID, int], *, actor: Actor, now: datetime
) -> list[UUID]:
    """Note that an agent and its processes live: `runs` are their pids by flow run.

    Returns the runs among them that somebody wants cancelled.
    """
    row = Agent(
        workspace_id=actor.workspace_id,
        name=agent.name,
        host=agent.host,
        pid=agent.pid,
        boot_id=agent.boot_id,
        work_pool=agent.work_pool,
        work_queues=list(agent.work_queues),
        last_heartbeat=now,
        interval_seconds=agent.interval_seconds,
        limit=agent.limit,
        busy=agent.busy,
        created=now,
        updated=now,
    )
    told = (
        "host",
        "pid",
        "boot_id",
        "work_pool",
        "work_queues",
        "interval_seconds",
        "limit",
        "busy",
    )
    with write():
        Agent.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["workspace", "name"],
            update_fields=["last_heartbeat", "updated", *told],
        )
        alive = _open(list(runs), actor)
        beats = [
            Beat(id, agent.name, agent.interval_seconds, agent.host, runs[id])
            for id in alive
        ]
        pulses.store(beats, now)
    return [id for id, state in alive.items() if state == StateType.CANCELLING]


def run_beats(
    id: UUID, *, host: str, pid: int, interval: float, actor: Actor, now: datetime
) -> None:
    """Note that the process of a flow run lives; of an ended one nothing is kept.

    Raises:
        NotFound: there is no such run.
    """
    with write():
        if _open([id], actor):
            pulses.store([Beat(id, f"{host}:{pid}", interval, host, pid)], now)
        elif not FlowRun.objects.visible_to(actor).filter(pk=id).exists():
            raise NotFound("Flow run not found")


def _open(ids: list[UUID], actor: Actor) -> dict[UUID, str | None]:
    """The state types of those of the runs that have not ended, locked by id."""
    if not ids:
        return {}
    rows = FlowRun.objects.visible_to(actor).locked().filter(pk__in=ids)
    found = rows.order_by("pk").only("pk", "state_type")
    return {run.pk: run.state_type for run in found if run.state_type not in FINAL}
