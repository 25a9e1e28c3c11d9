"""Slots of the limits of tags, taken and given back for a task run by name."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from concurrency import decay, slots
from concurrency.decay import TAG
from concurrency.models import Limit, Slot
from concurrency.services import TASK_RUN
from core.actor import Actor
from core.conf import conf
from core.errors import Locked
from core.sql import write


def take(
    tags: Sequence[str], task_run_id: UUID, *, actor: Actor, now: datetime
) -> list[Limit]:
    """Take a slot of each tag's limit, all or none; tags without a limit are fine.

    A task run that holds a slot already keeps it. Returns the limits.

    Raises:
        Locked: a limit is full, or lets nobody run.
    """
    with write():
        limits = _named(tags, actor)
        missing = [one for one in limits if not _holds(one, task_run_id, now)]
        full = next((one for one in missing if one.active and one.limit < 1), None)
        if full is not None:
            raise Locked(
                f'The concurrency limit on tag "{_tag(full)}" is 0 and will deadlock '
                "if the task tries to run again.",
                retry_after=conf.tag_wait_seconds_3,
            )
        holder = (TASK_RUN, task_run_id)
        if not missing or slots.take(missing, holder=holder, ttl=None, now=now):
            return limits
        used = slots.in_use([one.pk for one in missing], now)
        wait = slots.denied(missing, 1, now, capped=True)
    which = next((one for one in missing if used[one.pk] >= one.limit), missing[0])
    raise Locked(
        f"Concurrency limit for the {_tag(which)} tag has been reached",
        retry_after=decay.spread(wait, random.random()),  # noqa: S311
    )


def give_back(
    tags: Sequence[str], task_run_id: UUID, *, actor: Actor, now: datetime
) -> list[Limit]:
    """Give back what a task run holds of the tags' limits. Returns the limits."""
    with write():
        limits = _named(tags, actor)
        for limit in limits:
            slots.revoke_of(limit, (TASK_RUN, task_run_id), now)
    return limits


def _named(tags: Sequence[str], actor: Actor) -> list[Limit]:
    names = [f"{TAG}{tag}" for tag in dict.fromkeys(tags)]
    return slots.limits_named(names, workspace_id=actor.workspace_id, lock=True)


def _holds(limit: Limit, task_run_id: UUID, now: datetime) -> bool:
    held = Slot.objects.filter(slots.live(now), limit=limit)
    return held.filter(
        lease__holder_type=TASK_RUN, lease__holder_id=task_run_id
    ).exists()


def _tag(limit: Limit) -> str:
    return limit.name.removeprefix(TAG)
