"""Filters and sorts of log lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from core.criteria import (
    ANY,
    AT_LEAST,
    AT_MOST,
    IS_NULL,
    SPAN,
    Criteria,
    Field,
    Operator,
)
from core.errors import Invalid
from logs import search


def _text(_: Any, query: str) -> Q:
    if len(query) > search.LENGTH:
        raise Invalid(f"A text query has at most {search.LENGTH} characters.")
    return search.text(query)


CRITERIA = Criteria(
    level=Field("level", AT_LEAST, AT_MOST, of=int),
    timestamp=Field("timestamp", SPAN, of=datetime),
    flow_run_id=Field("flow_run_id", ANY, of=UUID),
    task_run_id=Field("task_run_id", ANY, IS_NULL, of=UUID),
    text=Field("message", Operator("query", _text)),
)

SORTS = {
    "TIMESTAMP_ASC": ("timestamp", "id"),
    "TIMESTAMP_DESC": ("-timestamp", "-id"),
}
