"""Shapes of deployments and schedules: the fields of both generations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from api.base.flow_runs import CreatedBy, FlowRunPolicy, Labels
from api.base.states import StateCreate
from api.base.wire import (
    INT4,
    JsonObject,
    Moment,
    Name,
    Number,
    Seconds,
    Tags,
    Text,
    Wire,
)
from core import clocks
from core.clock import now as clock_now
from core.dialect import Dialect
from core.errors import Invalid
from deployments.launching import Wish
from deployments.models import Deployment, Schedule
from work_pools import health


def _readable(value: JsonObject) -> JsonObject:
    """A schedule in its full form."""
    try:
        return clocks.read(value, now=clock_now()).as_json()
    except Invalid as error:
        raise ValueError(str(error)) from None


Shape = Annotated[JsonObject, AfterValidator(_readable)]
Several = Annotated[int, Field(ge=1, le=INT4)]


class ScheduleCreate(Wire):
    """A schedule to be made."""

    schedule: Shape
    active: bool = True
    parameters: JsonObject = {}
    slug: Text | None = None
    replaces: Text | None = None
    catchup: bool = False
    max_active_runs: Several | None = None
    max_scheduled_runs: Several | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    calendars: list[Text] = []
    catchup_policy: Text | None = None
    catchup_seconds: Seconds | None = None
    overlap_policy: Text | None = None
    overlap_queue: Number | None = None


class ScheduleUpdate(Wire):
    """What can change about a schedule; with a slug it names the one that is meant."""

    schedule: Shape | None = None
    active: bool | None = None
    parameters: JsonObject | None = None
    slug: Text | None = None
    replaces: Text | None = None
    catchup: bool | None = None
    max_active_runs: Several | None = None
    max_scheduled_runs: Several | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    calendars: list[Text] | None = None
    catchup_policy: Text | None = None
    catchup_seconds: Seconds | None = None
    overlap_policy: Text | None = None
    overlap_queue: Number | None = None


class ConcurrencyOptions(Wire):
    """What to do with a run for which there is no slot."""

    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"]
    grace_period_seconds: Annotated[int, Field(ge=60, le=86400)] | None = None


class DeploymentFields(Wire):
    """What both making and changing a deployment take."""

    paused: bool = False
    concurrency_limit: Several | None = None
    concurrency_options: ConcurrencyOptions | None = None
    global_concurrency_limit_id: UUID | None = None
    parameter_openapi_schema: JsonObject | None = None
    parameters: JsonObject = {}
    tags: Tags = []
    labels: Labels = {}
    pull_steps: list[JsonObject] | None = None
    manifest_path: str | None = None
    work_queue_name: Name | None = None
    work_pool_name: Name | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    description: str | None = None
    path: str | None = None
    version: Text | None = None
    entrypoint: str | None = None
    job_variables: JsonObject = {}
    infra_overrides: JsonObject = {}
    schedule: Shape | None = None
    is_schedule_active: bool | None = None

    def columns(self, names: set[str]) -> dict[str, Any]:
        """The fields of these names; two pairs of names mean the same thing."""
        found = {name: getattr(self, name) for name in names}
        if "infra_overrides" in found:
            overrides = found.pop("infra_overrides")
            if "job_variables" not in self.model_fields_set:
                found["job_variables"] = overrides
        if (
            self.is_schedule_active is not None
            and "paused" not in self.model_fields_set
        ):
            found["paused"] = not self.is_schedule_active
        if found.get("concurrency_options") is not None:
            found["concurrency_options"] = self.concurrency_options.model_dump()  # type: ignore[union-attr]
        return found


# what clients of the newer generation alone know; the older ones do not reset it
NEWER = {
    "concurrency_limit",
    "concurrency_options",
    "global_concurrency_limit_id",
    "labels",
}
OLD_SCHEDULE = {"schedule", "is_schedule_active"}


class DeploymentCreate(DeploymentFields):
    """A deployment to be made or brought up to date."""

    name: Name
    flow_id: UUID
    schedules: list[ScheduleCreate] = []
    enforce_parameter_schema: bool = True

    def written(self, dialect: Dialect) -> dict[str, Any]:
        """The fields to write: those sent; by the older generation all it knows."""
        names = set(self.model_fields_set)
        if dialect.generation == 2:
            names |= set(type(self).model_fields) - NEWER - OLD_SCHEDULE
        found = self.columns(names - {"name", "flow_id", "schedules"})
        if dialect.generation == 2:
            sent = "enforce_parameter_schema" in self.model_fields_set
            found["enforce_parameter_schema"] = sent and self.enforce_parameter_schema
        found["schedules"] = [row.sent() for row in self.schedules]
        if not self.schedules and self.schedule is not None:
            active = self.is_schedule_active is not False
            found["schedules"] = [{"schedule": self.schedule, "active": active}]
        return found


class DeploymentUpdate(DeploymentFields):
    """What can change; only what is sent does."""

    schedules: list[ScheduleUpdate] | None = None
    enforce_parameter_schema: bool | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent."""
        found = self.columns(set(self.model_fields_set))
        if self.schedules is not None:
            found["schedules"] = [row.sent() for row in self.schedules]
        return found


class DeploymentSchedule(Wire):
    """A stored schedule."""

    id: UUID
    created: datetime
    updated: datetime
    deployment_id: UUID
    schedule: JsonObject
    active: bool
    parameters: JsonObject
    slug: str | None
    identity: str  # in its runs and holds; outlives deploys and edits
    catchup: bool
    max_active_runs: int | None
    max_scheduled_runs: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    calendars: list[str]
    catchup_policy: str
    catchup_seconds: float | None
    overlap_policy: str
    overlap_queue: int | None

    @classmethod
    def of(cls, row: Schedule) -> Self:
        """From a row."""
        return cls.model_construct(
            **{name: getattr(row, name) for name in cls.model_fields}
        )


class GlobalLimit(Wire):
    """The limit on a deployment's runs."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    limit: int
    active: bool
    active_slots: int
    slot_decay_per_second: float


class DeploymentResponse(Wire):
    """A deployment, for both generations."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    flow_id: UUID
    version: str | None
    description: str | None
    paused: bool
    is_schedule_active: bool
    schedule: JsonObject | None
    schedules: list[DeploymentSchedule]
    concurrency_limit: int | None
    global_concurrency_limit: GlobalLimit | None
    concurrency_options: JsonObject | None
    job_variables: JsonObject
    infra_overrides: JsonObject
    parameters: JsonObject
    tags: Tags
    labels: Labels
    parameter_openapi_schema: JsonObject | None
    enforce_parameter_schema: bool
    path: str | None
    entrypoint: str | None
    manifest_path: str | None
    pull_steps: list[JsonObject] | None
    storage_document_id: UUID | None
    infrastructure_document_id: UUID | None
    work_pool_name: str | None
    work_queue_name: str | None
    work_queue_id: UUID | None
    last_polled: datetime | None
    status: str | None
    created_by: CreatedBy | None
    updated_by: CreatedBy | None

    @classmethod
    def of(
        cls,
        row: Deployment,
        schedules: list[Schedule],
        *,
        used: Mapping[UUID, int],
        now: datetime,
    ) -> Self:
        """From a row with its place, its schedules and the slots in use by limit."""
        queue, limit = row.work_queue, row.concurrency_limit
        polled = queue.last_polled if queue else None
        return cls.model_construct(
            **{name: getattr(row, name) for name in PLAIN},
            is_schedule_active=not row.paused,
            schedule=schedules[0].schedule if schedules else None,
            schedules=[DeploymentSchedule.of(schedule) for schedule in schedules],
            concurrency_limit=None,
            global_concurrency_limit=GlobalLimit.model_construct(
                **{name: getattr(limit, name) for name in LIMIT},
                active_slots=used.get(limit.pk, 0),
            )
            if limit
            else None,
            infra_overrides=row.job_variables,
            work_pool_name=queue.pool.name if queue else None,
            work_queue_name=queue.name if queue else row.work_queue_name,
            status=health.of_deployment(row.last_polled, polled, now).value,
        )


_MADE = {
    "is_schedule_active",
    "schedule",
    "schedules",
    "concurrency_limit",
    "global_concurrency_limit",
    "infra_overrides",
    "work_pool_name",
    "work_queue_name",
    "status",
}
PLAIN = tuple(name for name in DeploymentResponse.model_fields if name not in _MADE)
LIMIT = tuple(name for name in GlobalLimit.model_fields if name != "active_slots")


class FlowRunOfDeployment(Wire):
    """A run that somebody asks for, as it differs from what the deployment says."""

    state: StateCreate | None = None
    name: Text = ""
    parameters: JsonObject = {}
    enforce_parameter_schema: bool | None = None
    context: JsonObject = {}
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = FlowRunPolicy()
    tags: Tags = []
    idempotency_key: Text | None = None
    parent_task_run_id: UUID | None = None
    work_queue_name: Name | None = None
    job_variables: JsonObject | None = None
    labels: Labels = {}

    def wish(self) -> Wish:
        """For the service."""
        return Wish(
            name=self.name,
            state=self.state.proposal() if self.state else None,
            parameters=self.parameters,
            enforce_parameter_schema=self.enforce_parameter_schema,
            context=self.context,
            tags=tuple(self.tags),
            labels=self.labels,
            job_variables=self.job_variables,
            work_queue_name=self.work_queue_name,
            infrastructure_document_id=self.infrastructure_document_id,
            empirical_policy=self.empirical_policy.model_dump(),
            idempotency_key=self.idempotency_key,
            parent_task_run_id=self.parent_task_run_id,
        )


class ScheduledBody(Wire):
    """Which deployments are asked for due runs."""

    deployment_ids: list[UUID]
    scheduled_before: Moment | None = None
    limit: int = 200


class PlanBody(Wire):
    """A window of time to plan, and how much."""

    start_time: Moment | None = None
    end_time: Moment | None = None
    min_time: Annotated[float, Field(ge=0, le=1e9)] | None = None
    min_runs: Annotated[int, Field(ge=0, le=1000)] | None = None
    max_runs: Annotated[int, Field(ge=1, le=1000)] | None = None
