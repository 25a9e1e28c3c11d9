"""Where the runs of a deployment go: pool, queue, limit; and what it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blocks.models import BlockDocument
from concurrency.models import Limit
from core.actor import Actor
from core.errors import Conflict, Invalid
from deployments.models import Deployment
from work_pools import services as work_pools
from work_pools import templates
from work_pools.models import WorkPool, WorkQueue


def queue_for(
    sent: Mapping[str, Any], *, actor: Actor, present: WorkQueue | None = None
) -> WorkQueue | None:
    """The queue that the names in `sent` mean; made if the pool lacks it.

    A pool without a queue means its default queue, a queue without a pool one of the
    pool that agents poll; an explicit null takes the deployment out of its pool.
    `present` is the queue of a deployment for which no name was sent.

    Raises:
        NotFound: there is no such pool.
    """
    if not {"work_pool_name", "work_queue_name"} & set(sent):
        return present
    pool_name, queue_name = sent.get("work_pool_name"), sent.get("work_queue_name")
    if pool_name is None and queue_name is None:
        return None if "work_pool_name" in sent else present
    if pool_name is not None:
        pool = work_pools.find_pool(pool_name, actor=actor)
    elif present is not None and "work_pool_name" not in sent:
        pool = present.pool
    else:
        pool = work_pools.default_pool(actor=actor)
    if queue_name is not None:
        return work_pools.ensure_queue(pool, queue_name, actor=actor)
    return pool.default_queue or work_pools.ensure_queue(
        pool, work_pools.DEFAULT_QUEUE, actor=actor
    )


def check_documents(sent: Mapping[str, Any], *, actor: Actor) -> None:
    """Refuse blocks that do not exist.

    Raises:
        Conflict: there is no such block.
    """
    for kind in ("infrastructure", "storage"):
        id = sent.get(f"{kind}_document_id")
        if id is None:
            continue
        if not BlockDocument.objects.visible_to(actor).filter(pk=id).exists():
            raise Conflict(
                f"Error creating deployment. Could not find {kind} block with id: "
                f"{id}. This usually occurs when applying a deployment specification "
                "that was built against a different Prefect database / workspace."
            )


def check_job_variables(
    values: Mapping[str, Any] | None, pool: WorkPool | None, *, context: str
) -> None:
    """Refuse job variables that do not fit the pool's template.

    Raises:
        Invalid: a value does not fit.
    """
    if not values or pool is None:
        return
    try:
        templates.check_values(pool.base_job_template, values)
    except Invalid as error:
        raise Invalid(f"{context}: {error}") from None


def set_limit(deployment: Deployment, sent: Mapping[str, Any], *, actor: Actor) -> bool:
    """Bound the runs of a deployment: by a number of its own, or by a named limit.

    The deployment is not saved; returns whether it has to be.

    Raises:
        Invalid: both were sent.
        Conflict: there is no such limit.
    """
    own, shared = sent.get("concurrency_limit"), sent.get("global_concurrency_limit_id")
    if own is not None and shared is not None:
        raise Invalid(
            "A deployment has either a concurrency_limit or a "
            "global_concurrency_limit_id, not both."
        )
    if not {"concurrency_limit", "global_concurrency_limit_id"} & set(sent):
        return False
    name = f"deployment:{deployment.pk}"
    limits: Any = Limit.objects.visible_to(actor)
    if shared is not None:
        found = limits.filter(pk=shared).first()
        if found is None:
            raise Conflict(f"There is no concurrency limit with id {shared}.")
        deployment.concurrency_limit = found
    elif own is not None:
        deployment.concurrency_limit, _ = limits.update_or_create(
            name=name, workspace_id=actor.workspace_id, defaults={"limit": own}
        )
        return True
    else:
        deployment.concurrency_limit = None
    limits.filter(name=name).delete()
    return True
