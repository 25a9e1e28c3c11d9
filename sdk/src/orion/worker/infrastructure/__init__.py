"""Where runs are executed: one file for each kind, chosen by the type of the pool."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from orion.exceptions import OrionError

if TYPE_CHECKING:
    from orion.worker.infrastructure.job import Infrastructure

PROCESS: Final = "process"
KINDS: Final = {
    PROCESS: "process:Processes",
    "docker": "docker:Docker",
    "kubernetes": "kubernetes:Kubernetes",
}
SYNONYMS: Final = {"prefect-agent": PROCESS}


class UnknownInfrastructure(OrionError):
    """Nothing here can execute runs of this kind."""


def of_kind(kind: str) -> Infrastructure:
    """The infrastructure of a pool's type; imported when it is first needed."""
    place = KINDS.get(SYNONYMS.get(kind, kind))
    if place is None:
        known = ", ".join(KINDS)
        raise UnknownInfrastructure(
            f"This agent executes runs of the kinds {known}; found {kind!r}: "
            "start a worker of that type for this pool"
        )
    module, _, name = place.partition(":")
    made: Infrastructure = getattr(import_module(f"{__name__}.{module}"), name)()
    return made
