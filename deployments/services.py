"""Verbs on deployments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from core import changes
from core.actor import Actor
from core.dialect import Dialect
from core.errors import Conflict, Invalid
from core.prepared import Finder
from core.sql import write
from deployments import holds, parameters, placing, schedules
from deployments.finding import MISSING, find, locked
from deployments.models import Deployment, RetryOn, Schedule
from deployments.scheduling.discarding import discard_future, discard_scheduled
from deployments.scheduling.merging import edit
from deployments.scheduling.replanning import plan_here
from events.record import record
from flows.models import Flow

__all__ = [
    "MISSING",
    "amend",
    "apply",
    "configure",
    "delete",
    "find",
    "pause",
    "resume",
]

NEVER_NULL = {
    "tags",
    "labels",
    "parameters",
    "enforce_parameter_schema",
    "paused",
    "job_variables",
}
CARE = ("retry_on", "retry_limit", "max_run_seconds")
MOST_RETRIES = 100
ON, OFF = {"active": True}, {"active": False}
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


class Applied(NamedTuple):
    """What became of a deploy."""

    deployment: Deployment
    schedules: Sequence[Schedule]
    is_new: bool


def apply(
    flow_id: UUID,
    name: str,
    sent: Mapping[str, Any],
    *,
    actor: Actor,
    dialect: Dialect,
    now: datetime,
) -> Applied:
    """Make a deployment, or bring the one of this name up to date.

    Only the fields in `sent` are written; clients of the older generation send all of
    them. Its schedules are replaced, and what was planned ahead is planned anew. What
    operators hold stays held, what they edited of a schedule stays.

    Raises:
        Conflict: there is no such flow.
        NotFound: there is no such work pool.
        Invalid: a schedule or a job variable means nothing.
    """
    with write():
        flow = _flow_to_deploy(flow_id, actor)
        if flow is None:
            raise Conflict(f"Error creating deployment: there is no flow {flow_id}.")
        deployment = _named.one(flow=flow.pk, name=name)
        is_new = deployment is None
        if deployment is None:
            deployment = Deployment(
                flow=flow,
                name=name,
                workspace_id=actor.workspace_id,
                enforce_parameter_schema=dialect.generation > 2,
                parameter_openapi_schema={} if dialect.generation > 2 else None,
                pull_steps=[] if dialect.generation > 2 else None,
                created=now,
            )
        was_paused = deployment.paused
        _assign(deployment, sent, actor=actor, context="Error creating deployment")
        if is_new or "labels" in sent:
            own = {"prefect.flow.id": str(flow.pk)}
            deployment.labels = {**flow.labels, **own, **deployment.labels}
        deployment.save(force_insert=is_new)
        if placing.set_limit(deployment, sent, actor=actor):
            deployment.save(update_fields=["concurrency_limit"])
        if not is_new:
            discard_future(deployment, now=now)
        wanted = sent.get("schedules") or ()
        rows = schedules.replace(
            deployment, wanted, actor=actor, now=now, is_new=is_new
        )
        _plan(deployment, was_paused=was_paused, now=now, rows=rows)
        verb = "created" if is_new else "updated"
        record(f"orion.deployment.{verb}", subject=deployment, actor=actor)
    return Applied(deployment, rows, is_new)


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
        deployment = locked(id, actor, "Deployment not found.")
        wanted = dict(sent)
        if wanted.get("parameters") is not None:
            wanted["parameters"] = _checked_parameters(deployment, wanted)
        was_paused = deployment.paused
        _assign(deployment, wanted, actor=actor, context="Error updating deployment")
        placing.set_limit(deployment, wanted, actor=actor)
        holds.keep_held(deployment, ())
        deployment.save()
        discard_future(deployment, now=now)
        if wanted.get("schedules") is not None:
            schedules.merge(deployment, wanted["schedules"], actor=actor, now=now)
        elif (single := _single_schedule(deployment, wanted)) is not None:
            schedules.replace(deployment, single, actor=actor, now=now)
        _plan(deployment, was_paused=was_paused, now=now)
        record("orion.deployment.updated", subject=deployment, actor=actor)
    return deployment


def configure(
    id: UUID, sent: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Deployment:
    """Set what the server does about lost and long runs; no deploy changes that.

    Raises:
        NotFound: there is no such deployment.
        Invalid: a value means nothing.
    """
    wanted = {name: sent[name] for name in CARE if name in sent}
    with write():
        deployment = locked(id, actor)
        before = {name: getattr(deployment, name) for name in wanted}
        _check_care({name: getattr(deployment, name) for name in CARE} | wanted)
        if changes.apply(deployment, wanted):
            record(
                "orion.deployment.configured",
                subject=deployment,
                actor=actor,
                payload={"before": before, "after": wanted},
                now=now,
            )
    return deployment


def pause(
    id: UUID, *, actor: Actor, dialect: Dialect, now: datetime, reason: str = ""
) -> None:
    """Hold: make no more runs until it is resumed; what is due already stays.

    Raises:
        NotFound: there is no such deployment.
    """
    with write():
        deployment = locked(id, actor)
        rows = list(deployment.schedules.all())
        if dialect.generation == 2 and len(rows) == 1 and edit(rows[0], OFF):
            rows[0].save(update_fields=["active", "deployed"])
        holds.put_on(deployment, reason=reason, actor=actor, now=now)


def resume(id: UUID, *, actor: Actor, dialect: Dialect, now: datetime) -> None:
    """Lift the hold of the deployment: make runs again, from now on.

    Clients of the older generation mean its only schedule, too.

    Raises:
        NotFound: there is no such deployment.
    """
    with write():
        deployment = locked(id, actor)
        rows = list(deployment.schedules.all())
        if len(rows) == 1:
            held = deployment.holds.filter(schedule_identity=rows[0].identity)
            if dialect.generation == 2:
                held.delete()
            is_meant = dialect.generation == 2 or (rows[0].deployed or {}).get("active")
            if is_meant and not held.exists() and edit(rows[0], ON):
                rows[0].save(update_fields=["active", "deployed"])
                deployment.schedules.update(planned_until=None, plan_after=None)
                plan_here(deployment, now=now)
        holds.take_off(deployment, actor=actor, now=now)


def delete(id: UUID, *, actor: Actor) -> None:
    """Forget a deployment and its runs that have not started; the others lose it.

    Raises:
        NotFound: there is no such deployment.
    """
    with write():
        deployment = locked(id, actor)
        discard_scheduled(deployment)
        placing.set_limit(deployment, {"concurrency_limit": None}, actor=actor)
        record("orion.deployment.deleted", subject=deployment, actor=actor)
        deployment.delete()


def _plan(
    deployment: Deployment,
    *,
    was_paused: bool,
    now: datetime,
    rows: Sequence[Schedule] | None = None,
) -> None:
    """Plan what was just changed; what passed while it was paused was not missed.

    `rows` are its schedules, if they are known.
    """
    if deployment.paused:
        deployment.save(update_fields=["paused"])
    elif was_paused:
        deployment.schedules.update(planned_until=None)
        for row in rows or ():
            row.planned_until = None
    plan_here(deployment, now=now, schedules=rows)


def _check_care(values: Mapping[str, Any]) -> None:
    if values["retry_on"] not in RetryOn.values:
        raise Invalid(
            f'retry_on is "crashed" or empty, found {values["retry_on"]!r:.100}.'
        )
    limit, most = values["retry_limit"], values["max_run_seconds"]
    if not _is_number(limit, int) or not 0 <= limit <= MOST_RETRIES:
        raise Invalid(
            f"retry_limit is a number from 0 to {MOST_RETRIES}, found {limit!r:.100}."
        )
    if most is None:
        return
    if not _is_number(most, int | float) or not 0 < most < float("inf"):
        raise Invalid(
            f"max_run_seconds is a positive number or null, found {most!r:.100}."
        )


def _is_number(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


_flows: Finder[Flow] = Finder(lambda: Flow.objects.select_for_update(no_key=True))
_named: Finder[Deployment] = Finder(lambda: Deployment.objects.locked())


def _flow_to_deploy(id: UUID, actor: Actor) -> Flow | None:
    """The flow, locked: who deploys first makes the deployment.

    New runs refer to the flow while they hold other locks; they are not in the way.
    """
    return _flows.one(pk=id, **actor.bounds())


def _assign(
    deployment: Deployment, sent: Mapping[str, Any], *, actor: Actor, context: str
) -> None:
    """Set the fields; nothing is saved."""
    for name in COLUMNS:
        if name in sent and (sent[name] is not None or name not in NEVER_NULL):
            setattr(deployment, name, sent[name])
    placing.check_documents(sent, actor=actor)
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
        shape = rows[0].code["schedule"] if rows else None
    return [{"schedule": shape, "active": active is not False}] if shape else []
