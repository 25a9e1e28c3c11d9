"""Runs of a deployment that somebody asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.dialect import Dialect
from core.errors import Refused
from deployments import parameters, placing
from deployments.models import Deployment
from runs.models import FlowRun
from runs.orchestration.transition import Proposal, stamp
from runs.services import NewFlowRun, create_flow_run
from runs.states import StateType
from work_pools import services as work_pools
from work_pools.models import WorkQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a run may differ from what its deployment says."""

    name: str = ""
    state: Proposal | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    enforce_parameter_schema: bool | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    labels: Mapping[str, Any] = field(default_factory=dict)
    job_variables: Mapping[str, Any] | None = None
    work_queue_name: str | None = None
    infrastructure_document_id: UUID | None = None
    empirical_policy: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    parent_task_run_id: UUID | None = None


def create_run(
    deployment: Deployment,
    wish: Wish,
    *,
    actor: Actor,
    dialect: Dialect,
    now: datetime,
) -> tuple[FlowRun, bool]:
    """A run of the deployment, due now unless the wish says otherwise.

    Returns the run, and whether this call made it.

    Raises:
        Refused: a parameter stands for nothing, or a queue is named without a pool.
        Conflict: the parameters do not fit the schema.
        Invalid: the job variables do not fit the pool.
    """
    queue = _queue(deployment, wish, actor)
    placing.check_job_variables(
        wish.job_variables,
        queue.pool if queue else None,
        context="Error creating flow run",
    )
    due = Proposal(StateType.SCHEDULED, details={"scheduled_time": stamp(now)})
    given = parameters.of_run(
        deployment, wish.parameters, enforce=wish.enforce_parameter_schema
    )
    new = NewFlowRun(
        flow_id=deployment.flow_id,
        name=wish.name,
        state=wish.state or due,
        deployment_id=deployment.pk,
        deployment_version=deployment.version,
        work_queue_id=queue.pk if queue else None,
        work_queue_name=queue.name if queue else deployment.work_queue_name,
        parameters=given,
        context=dict(wish.context),
        job_variables=dict(wish.job_variables or {}),
        empirical_policy=dict(wish.empirical_policy),
        tags=list(dict.fromkeys([*deployment.tags, *wish.tags])),
        labels={**labels(deployment), **wish.labels},
        idempotency_key=wish.idempotency_key,
        infrastructure_document_id=wish.infrastructure_document_id
        or deployment.infrastructure_document_id,
        parent_task_run_id=wish.parent_task_run_id,
    )
    return create_flow_run(new, actor=actor, dialect=dialect, now=now)


def labels(deployment: Deployment) -> dict[str, Any]:
    """What every run of the deployment is labelled with."""
    return {
        **deployment.labels,
        "prefect.flow.id": str(deployment.flow_id),
        "prefect.deployment.id": str(deployment.pk),
    }


def _queue(deployment: Deployment, wish: Wish, actor: Actor) -> WorkQueue | None:
    queue = deployment.work_queue
    if wish.work_queue_name is None:
        return queue
    if queue is None:
        raise Refused(
            f"Work queue {wish.work_queue_name!r} cannot be used: the deployment is in "
            "no work pool."
        )
    return work_pools.ensure_queue(queue.pool, wish.work_queue_name, actor=actor)
