"""Verbs on pools and queues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from core import changes
from core.actor import Actor
from core.errors import Conflict, NotFound, Refused
from core.sql import write
from events.record import record
from work_pools import templates
from work_pools.health import CLASSIC
from work_pools.models import WorkPool, WorkQueue

DEFAULT_POOL = "default-agent-pool"
DEFAULT_QUEUE = "default"
RESERVED = "prefect"
_RESERVED = "Names of work pools that start with 'prefect' are reserved."
POOL_FIELDS = (
    "description",
    "base_job_template",
    "is_paused",
    "concurrency_limit",
    "storage_configuration",
)
RESERVED_POOL_FIELDS = ("is_paused", "concurrency_limit")
QUEUE_FIELDS = (
    "name",
    "description",
    "is_paused",
    "concurrency_limit",
    "filter",
    "last_polled",
)


def find_pool(name: str, *, actor: Actor, lock: bool = False) -> WorkPool:
    """The pool of this name.

    Raises:
        NotFound: there is none.
    """
    rows = WorkPool.objects.visible_to(actor).filter(name=name)
    pool: WorkPool | None = (rows.locked() if lock else rows).first()
    if pool is None:
        raise NotFound(f'Work pool "{name}" not found.')
    return pool


def create_pool(
    name: str, columns: Mapping[str, Any], *, type: str = CLASSIC, actor: Actor
) -> WorkPool:
    """Make a pool with its default queue.

    Raises:
        Conflict: the name is taken.
        Refused: the name is reserved.
        Invalid: the template of its jobs cannot be used.
    """
    if _is_reserved(name):
        raise Refused(_RESERVED)
    wanted = {key: columns[key] for key in POOL_FIELDS if key in columns}
    templates.check(wanted.get("base_job_template") or {})
    with write():
        rows = WorkPool.objects.visible_to(actor)
        if rows.filter(name=name).exists():
            raise Conflict(
                f"A work pool named {name!r} exists already; choose another."
            )
        return _insert_pool(name, type, wanted, actor)


def amend_pool(name: str, sent: Mapping[str, Any], *, actor: Actor) -> WorkPool:
    """Change what was sent of a pool.

    Raises:
        NotFound: there is no such pool.
        Refused: it is reserved, and more than its pause and limit was sent.
        Invalid: the template of its jobs cannot be used.
    """
    wanted = {key: sent[key] for key in POOL_FIELDS if key in sent}
    if _is_reserved(name) and set(wanted) - set(RESERVED_POOL_FIELDS):
        raise Refused(f"{_RESERVED} Its pause and its limit may be changed.")
    templates.check(wanted.get("base_job_template") or {})
    with write():
        pool = find_pool(name, actor=actor, lock=True)
        changed = changes.apply(pool, wanted)
        if changed:
            record("orion.work-pool.updated", subject=pool, actor=actor)
    return pool


def delete_pool(name: str, *, actor: Actor) -> None:
    """Forget a pool with its queues and workers; runs and deployments lose it.

    Raises:
        NotFound: there is no such pool.
        Refused: it is reserved.
    """
    if _is_reserved(name):
        raise Refused(_RESERVED)
    with write():
        pool = find_pool(name, actor=actor, lock=True)
        record("orion.work-pool.deleted", subject=pool, actor=actor)
        pool.delete()


def default_pool(*, actor: Actor) -> WorkPool:
    """The pool of queues that agents poll by name, made when first wanted."""
    rows = WorkPool.objects.visible_to(actor).filter(name=DEFAULT_POOL)
    pool: WorkPool | None = rows.first()
    if pool is not None:
        return pool
    try:
        with write():
            pool = _insert_pool(DEFAULT_POOL, CLASSIC, {}, actor)
    except IntegrityError:
        pool = rows.get()
    return pool


def find_queue(pool: WorkPool, name: str) -> WorkQueue:
    """The queue of this name in a pool.

    Raises:
        NotFound: there is none.
    """
    queue: WorkQueue | None = pool.queues.filter(name=name).first()
    if queue is None:
        raise NotFound(f"Work pool queue '{pool.name}/{name}' not found.")
    return queue


def create_queue(
    pool: WorkPool, name: str, columns: Mapping[str, Any], *, actor: Actor
) -> WorkQueue:
    """Add a queue to a pool; without a priority it is the least important.

    Raises:
        Conflict: the pool has one of this name.
    """
    with write():
        _lock(pool)
        if pool.queues.filter(name=name).exists():
            raise _taken(name, pool)
        return _insert_queue(pool, name, columns, actor)


def ensure_queue(pool: WorkPool, name: str, *, actor: Actor) -> WorkQueue:
    """The queue of this name in a pool, made when first wanted."""
    queue: WorkQueue | None = pool.queues.filter(name=name).first()
    if queue is not None:
        return queue
    with write():
        _lock(pool)
        queue = pool.queues.filter(name=name).first()
        return queue or _insert_queue(pool, name, {}, actor)


def amend_queue(
    queue: WorkQueue, sent: Mapping[str, Any], *, actor: Actor
) -> WorkQueue:
    """Change what was sent of a queue; a new priority moves the others.

    Raises:
        Conflict: the pool has another queue of that name.
    """
    wanted = {key: sent[key] for key in QUEUE_FIELDS if key in sent}
    with write():
        _lock(queue.pool)
        others = queue.pool.queues.exclude(pk=queue.pk)
        if wanted.get("name") is None:
            wanted.pop("name", None)
        elif others.filter(name=wanted["name"]).exists():
            raise _taken(wanted["name"], queue.pool)
        queue.refresh_from_db()
        if sent.get("priority") is not None:
            wanted["priority"] = sent["priority"]
            _make_room(others, taken_from=queue.priority, at=sent["priority"])
        if changes.apply(queue, wanted):
            record("orion.work-queue.updated", subject=queue, actor=actor)
    return queue


def delete_queue(queue: WorkQueue, *, actor: Actor) -> None:
    """Forget a queue; those below move up.

    Raises:
        Conflict: it is its pool's default queue.
    """
    with write():
        pool = _lock(queue.pool)
        if pool.default_queue_id == queue.pk:
            raise Conflict(
                f"{queue.name!r} is the default queue of work pool {pool.name!r} and "
                "stays; delete the pool instead."
            )
        others = pool.queues.exclude(pk=queue.pk)
        _close_gap(dict(others.values_list("pk", "priority")), queue.priority)
        record("orion.work-queue.deleted", subject=queue, actor=actor)
        queue.delete()


def _taken(name: str, pool: WorkPool) -> Conflict:
    return Conflict(f"Work queue {name!r} already exists in work pool {pool.name!r}.")


def _is_reserved(name: str) -> bool:
    return name.lower().startswith(RESERVED)


def _lock(pool: WorkPool) -> WorkPool:
    """The pool, locked: whoever changes its queues does this first."""
    locked: WorkPool = WorkPool.objects.locked().get(pk=pool.pk)
    return locked


def _insert_pool(
    name: str, type: str, columns: Mapping[str, Any], actor: Actor
) -> WorkPool:
    pool = WorkPool(name=name, type=type, workspace_id=actor.workspace_id, **columns)
    pool.save(force_insert=True)
    queue = _insert_queue(pool, DEFAULT_QUEUE, {}, actor)
    pool.default_queue = queue
    pool.save(update_fields=["default_queue"])
    record("orion.work-pool.created", subject=pool, actor=actor)
    return pool


def _insert_queue(
    pool: WorkPool, name: str, columns: Mapping[str, Any], actor: Actor
) -> WorkQueue:
    wanted = {key: columns[key] for key in QUEUE_FIELDS if key in columns}
    priority = columns.get("priority")
    if priority is None:
        priority = _lowest_free(pool)
    else:
        _make_room(pool.queues.all(), taken_from=None, at=priority)
    queue = WorkQueue(**{**wanted, "pool": pool, "name": name, "priority": priority})
    queue.save(force_insert=True)
    record("orion.work-queue.created", subject=queue, actor=actor)
    return queue


def _lowest_free(pool: WorkPool) -> int:
    taken = set(pool.queues.values_list("priority", flat=True))
    return next(n for n in range(1, len(taken) + 2) if n not in taken)


def _make_room(others: Any, *, taken_from: int | None, at: int) -> None:
    """Move the queues at and behind a priority, as far as they touch each other."""
    places = dict(others.values_list("pk", "priority"))
    if taken_from is not None:
        if taken_from == at:
            return
        places = _close_gap(places, taken_from)
    wanted = at
    for id, priority in sorted(places.items(), key=lambda place: place[1]):
        if priority == wanted:
            wanted += 1
            WorkQueue.objects.filter(pk=id).update(priority=wanted)


def _close_gap(places: dict[UUID, int], gap: int) -> dict[UUID, int]:
    """Move up the queues behind a place that became free, unless it is shared."""
    if gap in places.values():
        return places
    closed = {id: p - 1 if p > gap else p for id, p in places.items()}
    for id, priority in closed.items():
        if priority != places[id]:
            WorkQueue.objects.filter(pk=id).update(priority=priority)
    return closed
