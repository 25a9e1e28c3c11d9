"""The kinds of pools that can be made, and the command that starts a worker of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from work_pools.health import CLASSIC
from work_pools.models import WorkPool
from work_pools.worker_types import BY_PACKAGE


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of pool."""

    type: str
    title: str
    description: str
    template: dict[str, Any]


def _shipped() -> list[Kind]:
    found = [
        Kind(
            type,
            about["display_name"],
            about["description"],
            about["default_base_job_configuration"],
        )
        for types in BY_PACKAGE.values()
        for type, about in types.items()
        if type != CLASSIC
    ]
    return sorted(found, key=lambda kind: (kind.type != "process", kind.title))


KINDS = [
    *_shipped(),
    Kind(CLASSIC, "Agents", "Agents of 2.x poll its queues by name.", {}),
]
BY_TYPE = {kind.type: kind for kind in KINDS}


def kind_name(type: str) -> str:
    """What a type is called; unknown ones are called as they are."""
    return BY_TYPE[type].title if type in BY_TYPE else type


def start_commands(pool: WorkPool) -> list[str]:
    """What to type to have somebody work for a pool: ours first."""
    name = f"'{pool.name}'" if " " in pool.name else pool.name
    if pool.type == CLASSIC:
        return [
            f"orion agent start --pool {name}",
            f"prefect agent start --pool {name}",
        ]
    theirs = f"prefect worker start --pool {name}"
    ours = [f"orion agent start --pool {name}"] if pool.type == "process" else []
    return [*ours, theirs]
