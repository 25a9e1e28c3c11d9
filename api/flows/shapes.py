"""Shapes of flows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from api.base.flow_runs import Labels
from api.base.paging import Pages
from api.base.wire import Name, Tags, Wire


class FlowCreate(Wire):
    """A flow to be made."""

    name: Name
    tags: Tags = []
    labels: Labels = {}


class FlowUpdate(Wire):
    """What can change."""

    tags: Tags = []


class Flow(Wire):
    """A flow."""

    id: UUID
    created: datetime
    updated: datetime
    name: str
    tags: Tags
    labels: Labels

    @classmethod
    def of(cls, row: Any) -> Self:
        """From a row."""
        return cls.model_construct(
            **{name: getattr(row, name) for name in cls.model_fields}
        )


class FlowPage(Pages):
    """A page of flows."""

    results: list[Flow]
