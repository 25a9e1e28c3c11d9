"""Admin page of flows."""

from __future__ import annotations

from django.contrib import admin

from core.admin import Admin
from flows.models import Flow


@admin.register(Flow)
class FlowAdmin(Admin):
    """Flows; clients find them by name, so the name is not edited."""

    list_display = ("name", "tags", "created", "updated")
    search_fields = ("name",)
    readonly_fields = ("name",)

    def has_add_permission(self, request: object, obj: object | None = None) -> bool:
        """A flow is made by its first run or deployment."""
        return False

    def has_delete_permission(self, request: object, obj: object | None = None) -> bool:
        """Deleting a flow takes its runs along: not from a list of rows."""
        return False
