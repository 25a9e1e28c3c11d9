"""The table of flow runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from runs.models.run import Run
from runs.querysets import FlowRunManager
from runs.states import FINAL, StateType

_OPEN = ~Q(state_type__in=sorted(FINAL))


class FlowRun(Run):
    """One execution of a flow, from its creation to its end."""

    flow = models.ForeignKey(
        "orion_flows.Flow",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="flow_runs",
    )
    deployment = models.ForeignKey(
        "orion_deployments.Deployment",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="flow_runs",
    )
    deployment_version = models.CharField(max_length=1024, null=True)
    work_queue = models.ForeignKey(
        "orion_work_pools.WorkQueue",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="flow_runs",
    )
    work_queue_name = models.CharField(max_length=1024, null=True)
    flow_version = models.CharField(max_length=1024, null=True)
    parameters = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    job_variables = models.JSONField(null=True)
    idempotency_key = models.CharField(max_length=1024, null=True)
    infrastructure_pid = models.CharField(max_length=1024, null=True)
    infrastructure_document_id = models.UUIDField(null=True)
    parent_task_run = models.ForeignKey(
        "TaskRun",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="child_flow_runs",
    )
    auto_scheduled = models.BooleanField(default=False)
    created_by = models.JSONField(null=True)
    # which schedule made it, for which span of time, or which back-fill
    schedule_identity = models.CharField(max_length=1024, null=True)
    interval_start = models.DateTimeField(null=True)
    interval_end = models.DateTimeField(null=True)
    backfill_id = models.UUIDField(null=True)
    # who took it to start it, until when that counts, how often it was given back
    claimed_by = models.CharField(max_length=1024, null=True)
    claim_token = models.UUIDField(null=True)
    claim_expires = models.DateTimeField(null=True)
    reclaims = models.IntegerField(default=0)
    # when a service must look: a pause or its cancelling ends, its time is over
    deadline = models.DateTimeField(null=True)
    losses = models.IntegerField(default=0, db_default=0)  # starts that were lost

    objects = FlowRunManager()  # type: ignore[misc] # narrower than the base's

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "flow",
                "idempotency_key",
                name="orion_flow_run_idempotency",
                condition=Q(idempotency_key__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            # run lists, newest start first; runs of a flow; runs of a deployment
            models.Index(
                Coalesce("start_time", "expected_start_time"),
                F("id"),
                name="orion_flow_run_start",
            ),
            models.Index(
                F("flow"),
                Coalesce("start_time", "expected_start_time"),
                name="orion_flow_run_flow",
            ),
            models.Index(
                F("deployment"),
                Coalesce("start_time", "expected_start_time"),
                name="orion_flow_run_deployment",
                condition=Q(deployment__isnull=False),
            ),
            # hand-out and late runs
            models.Index(
                fields=["next_scheduled_start_time"],
                name="orion_flow_run_due",
                condition=Q(state_type=StateType.SCHEDULED),
            ),
            # hand-out of a queue; of one known by its name alone; of deployments
            # that are served without one
            models.Index(
                fields=["work_queue", "next_scheduled_start_time", "id"],
                name="orion_flow_run_waiting",
                condition=Q(state_type=StateType.SCHEDULED, work_queue__isnull=False),
            ),
            models.Index(
                fields=["work_queue_name", "next_scheduled_start_time", "id"],
                name="orion_flow_run_nameless",
                condition=Q(
                    state_type=StateType.SCHEDULED,
                    work_queue__isnull=True,
                    work_queue_name__isnull=False,
                ),
            ),
            models.Index(
                fields=["deployment", "next_scheduled_start_time"],
                name="orion_flow_run_served",
                condition=Q(state_type=StateType.SCHEDULED),
            ),
            # how many runs of a schedule are active
            models.Index(
                fields=["deployment", "schedule_identity", "state_type"],
                name="orion_flow_run_busy",
                condition=Q(schedule_identity__isnull=False),
            ),
            # claims that run out
            models.Index(
                fields=["claim_expires"],
                name="orion_flow_run_claim",
                condition=Q(claim_expires__isnull=False),
            ),
            # pauses, cancellings and running times that end
            models.Index(
                fields=["state_type", "deadline"],
                name="orion_flow_run_deadline",
                condition=Q(deadline__isnull=False),
            ),
            # what ended runs leave open below them
            models.Index(
                fields=["state_timestamp"],
                name="orion_flow_run_ended",
                condition=Q(end_time__isnull=False),
            ),
            # loops over open runs, slots in use per queue
            models.Index(
                fields=["state_type", "work_queue"],
                name="orion_flow_run_open",
                condition=_OPEN,
            ),
            # children of a run
            models.Index(
                fields=["parent_task_run"],
                name="orion_flow_run_parent",
                condition=Q(parent_task_run__isnull=False),
            ),
        ]
