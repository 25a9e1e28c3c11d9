"""Admin pages of accounts."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import User, Workspace
from core.admin import Admin

admin.site.site_header = "Orion"
admin.site.site_title = "Orion"
admin.site.index_title = "All rows"
admin.site.register(User, UserAdmin)


@admin.register(Workspace)
class WorkspaceAdmin(Admin):
    """Workspaces; the default one stays."""

    list_display = ("id", "slug", "name", "created")
    search_fields = ("slug", "name")

    def has_delete_permission(self, request: object, obj: object | None = None) -> bool:
        """Everything belongs to one: none is deleted here."""
        return False
