"""What a new flow run takes from elsewhere: its queue, its labels."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from api.flow_runs.shapes import FlowRunCreate
from core.actor import Actor
from core.errors import NotFound
from deployments.models import Deployment
from flows.services import labels_of
from work_pools.models import WorkPool, WorkQueue

AGENT_POOL = "default-agent-pool"


def queue_of(body: FlowRunCreate, *, actor: Actor) -> tuple[UUID | None, str | None]:
    """Id and name of the queue that the body names; a pool alone is its default queue.

    Raises:
        NotFound: there is no such pool or queue.
    """
    pool = body.work_pool_name or AGENT_POOL
    name = body.work_queue_name
    if name is None:
        pools = WorkPool.objects.visible_to(actor).filter(name=pool)
        default = pools.values_list("default_queue_id", "default_queue__name").first()
        if default is None:
            raise NotFound(f'Work pool "{pool}" not found.')
        return default[0], default[1]
    queues = actor.narrow(WorkQueue.objects.all(), "pool__workspace_id")
    found = queues.filter(pool__name=pool, name=name).values_list("id", "name").first()
    if found is not None:
        return found[0], found[1]
    if body.work_pool_name is None:
        return None, name  # classic agents ask for runs by the queue's name alone
    raise NotFound(f"Work pool queue '{pool}/{name}' not found.")


def inherited_labels(body: FlowRunCreate) -> dict[str, Any]:
    """Labels of the deployment, or else of the flow, and where the run comes from."""
    own: dict[str, Any] = {"prefect.flow.id": str(body.flow_id)}
    if body.deployment_id is None:
        return labels_of(body.flow_id) | own
    rows = Deployment.objects.filter(pk=body.deployment_id)
    parents: dict[str, Any] = rows.values_list("labels", flat=True).first() or {}
    return parents | own | {"prefect.deployment.id": str(body.deployment_id)}
