"""Why due runs wait, as it is stored, with a link to what is in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from work_pools.models import Waiting
from work_pools.reads import waiting

NOT_YET = "the reason is being looked for"


@dataclass(frozen=True, slots=True)
class Cause:
    """A sentence, and the object that it names."""

    sentence: str
    name: str = ""
    href: str = ""

    def __str__(self) -> str:
        return self.sentence

    @property
    def pieces(self) -> tuple[str, str, str]:
        """What is before the name, the name, and what is after it."""
        if not self.href or self.name not in self.sentence:
            return self.sentence, "", ""
        before, _, after = self.sentence.partition(self.name)
        return before, self.name, after


def causes(ids: Iterable[UUID]) -> dict[UUID, Cause]:
    """The stored cause of each run; one statement."""
    listed = list(ids)
    if not listed:
        return {}
    found = waiting(listed)
    return {id: _cause(found[id]) if id in found else Cause(NOT_YET) for id in listed}


def _cause(row: Waiting) -> Cause:
    return Cause(row.sentence, row.object_name, _address(row))


def _address(row: Waiting) -> str:
    if row.object_kind == "work_pool" and row.object_name:
        return reverse("dashboard:work-pool", args=[row.object_name])
    if row.object_kind == "agent":
        return reverse("dashboard:agents")
    routes = {
        "work_queue": "work-queue-by-id",
        "deployment": "deployment",
        "flow_run": "run",
    }
    route = routes.get(row.object_kind)
    if route is None or row.object_id is None:
        return ""
    return reverse(f"dashboard:{route}", args=[row.object_id])
