"""Reads over queues and workers that chain."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from core.querysets import OrionManager, OrionQuerySet


class WorkQueueQuerySet(OrionQuerySet[Any]):
    """Work queues; they belong to their pool's workspace."""

    workspace_path: ClassVar[str] = "pool__workspace_id"

    def by_priority(self) -> Self:
        """The most important first."""
        return self.order_by("priority", "name")


class WorkerQuerySet(OrionQuerySet[Any]):
    """Workers; they belong to their pool's workspace."""

    workspace_path: ClassVar[str] = "pool__workspace_id"


class WaitingQuerySet(OrionQuerySet[Any]):
    """Stored reasons; they belong to their run's workspace."""

    workspace_path: ClassVar[str] = "flow_run__workspace_id"


class WorkQueueManager(OrionManager.from_queryset(WorkQueueQuerySet)):  # type: ignore[misc]
    """The manager of queues."""


class WorkerManager(OrionManager.from_queryset(WorkerQuerySet)):  # type: ignore[misc]
    """The manager of workers."""


class WaitingManager(OrionManager.from_queryset(WaitingQuerySet)):  # type: ignore[misc]
    """The manager of stored reasons."""
