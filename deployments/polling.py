"""Who asks for the runs of a deployment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.sql import write
from deployments.models import Deployment
from work_pools.handout import unnoted
from work_pools.models import WorkQueue


def note(ids: Iterable[UUID], *, actor: Actor, now: datetime) -> None:
    """Remember that deployments are served, once per interval at most.

    `updated` stays: nothing about them has changed.
    """
    rows = Deployment.objects.visible_to(actor).filter(unnoted(now), pk__in=list(ids))
    if rows.exists():
        with write():
            rows.update(last_polled=now)


def selecting(deployment: Deployment, *, actor: Actor) -> list[WorkQueue]:
    """The queues of classic agents whose filter selects the deployment's runs."""
    queues = WorkQueue.objects.visible_to(actor).filter(filter__isnull=False)
    found = queues.select_related("pool").order_by("name")
    return [queue for queue in found if _selects(queue.filter, deployment)]


def _selects(rules: dict[str, list[str]], deployment: Deployment) -> bool:
    ids = rules.get("deployment_ids")
    if ids and str(deployment.pk) not in ids:
        return False
    return set(rules.get("tags") or ()) <= set(deployment.tags)
