"""Partial updates: a field sent as null differs from a field not sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model


def apply(row: Model, changes: Mapping[str, Any]) -> list[str]:
    """Set what differs and save just that; the names of the fields that changed."""
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.save(update_fields=changed)
    return changed
