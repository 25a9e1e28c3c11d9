"""A deployment: a flow, where its code is, and how to run it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.models import Owned
from deployments.querysets import DeploymentManager


class RetryOn(models.TextChoices):
    """Which ends of a run lead to another try of the same run."""

    NEVER = "", "never"
    CRASHED = "crashed", "when its process is lost"


class Deployment(Owned):
    """What clients deploy. Code locations are opaque to the server: only agents and
    workers read them."""

    flow = models.ForeignKey(
        "orion_flows.Flow", on_delete=models.CASCADE, related_name="deployments"
    )
    name = models.CharField(max_length=1024)
    version = models.CharField(max_length=1024, null=True)
    description = models.TextField(null=True)
    tags = models.JSONField(default=list)
    labels = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    parameter_openapi_schema = models.JSONField(null=True)
    enforce_parameter_schema = models.BooleanField(default=True)
    paused = models.BooleanField(default=False)
    path = models.TextField(null=True)
    entrypoint = models.TextField(null=True)
    manifest_path = models.TextField(null=True)
    pull_steps = models.JSONField(null=True)
    job_variables = models.JSONField(default=dict)
    storage_document_id = models.UUIDField(null=True)
    infrastructure_document_id = models.UUIDField(null=True)
    work_queue = models.ForeignKey(
        "orion_work_pools.WorkQueue",
        on_delete=models.SET_NULL,
        null=True,
        related_name="deployments",
    )
    work_queue_name = models.CharField(max_length=1024, null=True)
    concurrency_limit = models.ForeignKey(
        "orion_concurrency.Limit",
        on_delete=models.SET_NULL,
        null=True,
        related_name="deployments",
    )
    concurrency_options = models.JSONField(null=True)
    created_by = models.JSONField(null=True)
    updated_by = models.JSONField(null=True)
    last_polled = models.DateTimeField(null=True)
    # what the server does about runs whose process is lost, or that take too long
    retry_on = models.CharField(
        max_length=32, choices=RetryOn.choices, default=RetryOn.NEVER, blank=True
    )
    retry_limit = models.IntegerField(default=0)
    max_run_seconds = models.FloatField(null=True)

    objects: ClassVar[DeploymentManager] = DeploymentManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("flow", "name", name="orion_deployment_name"),
        ]
        indexes: ClassVar = [
            # the scheduler that looks after fresh deployments
            models.Index(fields=["updated"], name="orion_deployment_updated"),
        ]

    def __str__(self) -> str:
        return self.name
