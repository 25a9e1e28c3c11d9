"""Shapes of flow runs, beside the one that other rooms answer with too."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from api.base.flow_runs import FlowRunPolicy, Labels
from api.base.states import StateCreate
from api.base.wire import JsonObject, Slug, Tags, Text, Wire
from runs.creation import NewFlowRun


class FlowRunCreate(Wire):
    """A flow run to be made."""

    flow_id: UUID
    name: Text = ""
    state: StateCreate | None = None
    deployment_id: UUID | None = None
    flow_version: Text | None = None
    parameters: JsonObject = {}
    context: JsonObject = {}
    parent_task_run_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = FlowRunPolicy()
    tags: Tags = []
    labels: Labels = {}
    idempotency_key: Text | None = None
    work_pool_name: Text | None = None
    work_queue_name: Text | None = None
    job_variables: JsonObject | None = None

    def new(self) -> NewFlowRun:
        """For the service; labels and queue are still those of the body."""
        return NewFlowRun(
            flow_id=self.flow_id,
            name=self.name,
            state=self.state.proposal() if self.state else None,
            deployment_id=self.deployment_id,
            work_queue_name=self.work_queue_name,
            flow_version=self.flow_version,
            parameters=self.parameters,
            context=self.context,
            job_variables=self.job_variables,
            empirical_policy=self.empirical_policy.model_dump(),
            tags=self.tags,
            labels=self.labels,
            idempotency_key=self.idempotency_key,
            infrastructure_document_id=self.infrastructure_document_id,
            parent_task_run_id=self.parent_task_run_id,
        )


class FlowRunUpdate(Wire):
    """What can change; only what is sent does."""

    name: Text = ""
    flow_version: Text | None = None
    parameters: JsonObject = {}
    empirical_policy: FlowRunPolicy = FlowRunPolicy()
    tags: Tags = []
    infrastructure_pid: Text | None = None
    job_variables: JsonObject | None = None

    def changes(self) -> dict[str, Any]:
        """The columns that were sent."""
        sent = self.sent()
        if "empirical_policy" in sent:
            sent["empirical_policy"] = self.empirical_policy.model_dump()
        return sent


class ResumeBody(Wire):
    """What a paused run asked for."""

    run_input: JsonObject | None = None


class InputCreate(Wire):
    """A value under a key."""

    key: Slug
    value: str
    sender: Text | None = None


class InputFilter(Wire):
    """Inputs by the beginning of their key."""

    prefix: Text
    limit: int = 1
    exclude_keys: list[Text] = []


class FlowRunInput(Wire):
    """A stored input."""

    id: UUID
    created: datetime
    updated: datetime
    flow_run_id: UUID
    key: str
    value: str
    sender: str | None

    @classmethod
    def of(cls, row: Any) -> Self:
        """From a row."""
        return cls.model_construct(
            **{name: getattr(row, name) for name in cls.model_fields}
        )
