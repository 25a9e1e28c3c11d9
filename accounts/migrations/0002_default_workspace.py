"""The workspace that everything belongs to unless told otherwise."""

from __future__ import annotations

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.actor import DEFAULT_WORKSPACE


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make workspace number 1: the table is empty, so its sequence says 1."""
    workspace = apps.get_model("orion_accounts", "Workspace")
    assert workspace.objects.create(slug="default", name="Default").pk == (  # noqa: S101
        DEFAULT_WORKSPACE
    )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Undo `add`."""
    apps.get_model("orion_accounts", "Workspace").objects.filter(
        pk=DEFAULT_WORKSPACE
    ).delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies: ClassVar = [("orion_accounts", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(add, remove)]
