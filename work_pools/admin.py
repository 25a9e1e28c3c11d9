"""Admin pages of work pools."""

from __future__ import annotations

from django.contrib import admin

from core.admin import Admin, LookOnly
from work_pools.models import Agent, Waiting, Worker, WorkPool, WorkQueue


@admin.register(WorkPool)
class WorkPoolAdmin(Admin):
    """Pools: pause them, limit them."""

    list_display = ("name", "type", "is_paused", "concurrency_limit", "updated")
    list_filter = ("is_paused", "type")
    search_fields = ("name",)
    readonly_fields = ("name", "type", "default_queue", "storage_configuration")

    def has_add_permission(self, request: object, obj: object | None = None) -> bool:
        """A pool comes with its default queue: made over the API."""
        return False

    def has_delete_permission(self, request: object, obj: object | None = None) -> bool:
        """Deleted over the API, which looks after its queues."""
        return False


@admin.register(WorkQueue)
class WorkQueueAdmin(Admin):
    """Queues: pause them, limit them."""

    list_display = (
        "name",
        "pool",
        "priority",
        "is_paused",
        "concurrency_limit",
        "last_polled",
    )
    list_filter = ("is_paused", "pool")
    list_select_related = ("pool",)
    search_fields = ("name", "pool__name")
    readonly_fields = ("pool", "name", "priority", "filter", "last_polled")

    def has_add_permission(self, request: object, obj: object | None = None) -> bool:
        """Made over the API, which keeps the priorities in order."""
        return False

    def has_delete_permission(self, request: object, obj: object | None = None) -> bool:
        """Deleted over the API."""
        return False


@admin.register(Worker)
class WorkerAdmin(LookOnly):
    """Workers by their last heartbeat."""

    list_display = ("name", "pool", "last_heartbeat", "heartbeat_interval_seconds")
    list_filter = ("pool",)
    list_select_related = ("pool",)
    search_fields = ("name",)
    ordering = ("-last_heartbeat",)


@admin.register(Agent)
class AgentAdmin(LookOnly):
    """Our agents by their last heartbeat."""

    list_display = (
        "name",
        "host",
        "pid",
        "work_pool",
        "busy",
        "limit",
        "last_heartbeat",
    )
    list_filter = ("work_pool",)
    search_fields = ("name", "host")
    ordering = ("-last_heartbeat",)


@admin.register(Waiting)
class WaitingAdmin(LookOnly):
    """Due runs that are not handed out, and why."""

    list_display = ("flow_run", "kind", "sentence", "since")
    list_filter = ("kind",)
    list_select_related = ("flow_run",)
    search_fields = ("object_name",)
    ordering = ("since",)
