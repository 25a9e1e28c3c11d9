"""Verbs on deployments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.dialect import Dialect
from core.errors import Conflict, Invalid, NotFound
from core.sql import write
from deployments import parameters, placing, schedules
from deployments.models import Deployment
from deployments.scheduling.discarding import discard_future, discard_scheduled
from events.record import record
from flows.models import Flow

NEVER_NULL = {
    "tags",
    "labels",
    "parameters",
    "enforce_parameter_schema",
    "paused",
    "job_variables",
}
COLUMNS = (
    "version",
    "description",
    "tags",
    "labels",
    "parameters",
    "parameter_openapi_schema",
    "enforce_parameter_schema",
    "paused",
    "path",
    "entrypoint",
    "manifest_path",
    "pull_steps",
    "job_variables",
    "storage_document_id",
    "infrastructure_document_id",
    "concurrency_options",
)
MISSING = "Deployment not found"


def find(id: UUID, *, actor: Actor, missing: str = MISSING) -> Deployment:
    """The deployment, with its queue and pool.

    Raises:
        NotFound: there is none.
    """
    rows = Deployment.objects.visible_to(actor).with_place()
    deployment: Deployment | None = rows.filter(pk=id).first()
    if deployment is None:
        raise NotFound(missing)
    return deployment


def apply(
    flow_id: UUID,
    name: str,
    sent: Mapping[str, Any],
    *,
    actor: Actor,
    dialect: Dialect,
    now: datetime,
) -> tuple[Deployment, bool]:
    """Make a deployment, or bring the one of this name up to date.

    Only the fields in `sent` are written; clients of the older generation send all of
    them. Its schedules are replaced, and what was planned ahead is planned anew.
    Returns the deployment, and whether this call made it.

    Raises:
        Conflict: there is no such flow.
        NotFound: there is no such work pool.
        Invalid: a schedule or a job variable means nothing.
    """
    with write():
        flow = _flow_to_deploy(flow_id, actor)
        if flow is None:
            raise Conflict(f"Error creating deployment: there is no flow {flow_id}.")
        deployment = Deployment.objects.locked().filter(flow=flow, name=name).first()
        is_new = deployment is None
        if deployment is None:
            deployment = Deployment(
                flow=flow,
                name=name,
                workspace_id=actor.workspace_id,
                enforce_parameter_schema=dialect.generation > 2,
                created=now,
            )
        _assign(deployment, sent, actor=actor, context="Error creating deployment")
        deployment.save(force_insert=is_new)
        if placing.set_limit(deployment, sent, actor=actor):
            deployment.save(update_fields=["concurrency_limit"])
        if not is_new:
            discard_future(deployment, now=now)
        schedules.replace(deployment, sent.get("schedules") or (), now=now)
        verb = "created" if is_new else "updated"
        record(f"orion.deployment.{verb}", subject=deployment, actor=actor)
    return deployment, is_new


def amend(
    id: UUID, sent: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Deployment:
    """Change what was sent of a deployment; what was planned ahead is planned anew.

    Raises:
        NotFound: there is no such deployment or work pool.
        Refused: a parameter stands for a value that cannot be found.
        Conflict: the parameters do not fit the schema.
        Invalid: a schedule or a job variable means nothing.
    """
    with write():
        deployment = _locked(id, actor, "Deployment not found.")
        wanted = dict(sent)
        if wanted.get("parameters") is not None:
            wanted["parameters"] = _checked_parameters(deployment, wanted)
        _assign(deployment, wanted, actor=actor, context="Error updating deployment")
        placing.set_limit(deployment, wanted, actor=actor)
        deployment.save()
        discard_future(deployment, now=now)
        if wanted.get("schedules") is not None:
            schedules.merge(deployment, wanted["schedules"], now=now)
        elif (single := _single_schedule(deployment, wanted)) is not None:
            schedules.replace(deployment, single, now=now)
        schedules.wake_planner()
        record("orion.deployment.updated", subject=deployment, actor=actor)
    return deployment


def pause(id: UUID, *, actor: Actor, dialect: Dialect, now: datetime) -> None:
    """Make no more runs; what is due already stays.

    Raises:
        NotFound: there is no such deployment.
    """
    _set_paused(id, True, actor=actor, dialect=dialect, now=now)


def resume(id: UUID, *, actor: Actor, dialect: Dialect, now: datetime) -> None:
    """Make runs again.

    Raises:
        NotFound: there is no such deployment.
    """
    _set_paused(id, False, actor=actor, dialect=dialect, now=now)


def delete(id: UUID, *, actor: Actor) -> None:
    """Forget a deployment and its runs that have not started; the others lose it.

    Raises:
        NotFound: there is no such deployment.
    """
    with write():
        deployment = _locked(id, actor)
        discard_scheduled(deployment)
        placing.set_limit(deployment, {"concurrency_limit": None}, actor=actor)
        record("orion.deployment.deleted", subject=deployment, actor=actor)
        deployment.delete()


def _set_paused(
    id: UUID, paused: bool, *, actor: Actor, dialect: Dialect, now: datetime
) -> None:
    with write():
        deployment = _locked(id, actor)
        rows = list(deployment.schedules.all())
        if dialect.generation == 2 and len(rows) == 1:
            rows[0].active = not paused
            rows[0].save(update_fields=["active"])
        if deployment.paused == paused:
            return
        deployment.paused = paused
        deployment.save(update_fields=["paused"])
        if paused:
            discard_future(deployment, now=now)
        else:
            schedules.wake_planner()
        verb = "paused" if paused else "resumed"
        record(f"orion.deployment.{verb}", subject=deployment, actor=actor)


def _flow_to_deploy(id: UUID, actor: Actor) -> Any:
    """The flow, locked: who deploys first makes the deployment.

    New runs refer to the flow while they hold other locks; they are not in the way.
    """
    flows: Any = Flow.objects.visible_to(actor)
    return flows.select_for_update(no_key=True).filter(pk=id).first()


def _locked(id: UUID, actor: Actor, missing: str = MISSING) -> Deployment:
    rows = Deployment.objects.visible_to(actor).locked().filter(pk=id)
    deployment: Deployment | None = rows.first()
    if deployment is None:
        raise NotFound(missing)
    return deployment


def _assign(
    deployment: Deployment, sent: Mapping[str, Any], *, actor: Actor, context: str
) -> None:
    """Set the fields; nothing is saved."""
    for name in COLUMNS:
        if name in sent and (sent[name] is not None or name not in NEVER_NULL):
            setattr(deployment, name, sent[name])
    queue = placing.queue_for(sent, actor=actor, present=deployment.work_queue)
    deployment.work_queue = queue
    deployment.work_queue_name = queue.name if queue else None
    placing.check_job_variables(
        sent.get("job_variables"), queue.pool if queue else None, context=context
    )


def _checked_parameters(
    deployment: Deployment, sent: Mapping[str, Any]
) -> dict[str, Any]:
    enforce = sent.get("enforce_parameter_schema")
    schema = sent.get("parameter_openapi_schema")
    return parameters.of_deployment(
        sent["parameters"],
        deployment.parameter_openapi_schema if schema is None else schema,
        enforce=deployment.enforce_parameter_schema if enforce is None else enforce,
    )


def _single_schedule(
    deployment: Deployment, sent: Mapping[str, Any]
) -> list[dict[str, Any]] | None:
    """The schedules that the older fields `schedule` and `is_schedule_active` mean.

    None when neither was sent, or just nulls.

    Raises:
        Invalid: the deployment has several.
    """
    shape, active = sent.get("schedule"), sent.get("is_schedule_active")
    if shape is None and active is None:
        return None
    rows = list(deployment.schedules.all())
    if len(rows) > 1:
        raise Invalid(
            f"Deployment {deployment.name!r} has multiple schedules: use `schedules`, "
            "or change one of them by its id."
        )
    if shape is None:
        shape = rows[0].schedule if rows else None
    return [{"schedule": shape, "active": active is not False}] if shape else []
