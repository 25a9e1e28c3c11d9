"""Bases of the admin pages: look at everything, change only what may be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


class Admin(Base):
    """Lists that do not count whole tables; ids and moments are never edited."""

    show_full_result_count = False
    list_per_page = 50
    readonly_fields: ClassVar[tuple[str, ...]] = ()

    def get_readonly_fields(
        self, request: HttpRequest, obj: Any | None = None
    ) -> tuple[str, ...]:
        """What the class names, and every column that is not editable."""
        fixed = [
            field.name
            for field in self.opts.fields
            if not field.editable and field.name != "id"
        ]
        return (*self.readonly_fields, *fixed)


class LookOnly(Admin):
    """Rows that only the server writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Any | None = None
    ) -> bool:
        """Nobody edits one."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Any | None = None
    ) -> bool:
        """Nobody deletes one."""
        return False
