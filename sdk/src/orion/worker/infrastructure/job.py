"""What every infrastructure takes and gives: a job to launch, a handle to watch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from orion.exceptions import OrionError

if TYPE_CHECKING:
    from orion.worker.ledger import Launch
    from orion.worker.output import Output


class InfrastructureError(OrionError):
    """The job could not be launched as it is described."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run to be launched; `variables` is what its pool and deployment ask for."""

    flow_run_id: str
    name: str
    folder: Path
    env: Mapping[str, str]
    command: Sequence[str] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)


class Handle(Protocol):
    """A launched job, and all that the agent asks of it."""

    kind: str
    code: int | None
    problem: str | None  # why it could not be started, if that is known here

    @property
    def identifier(self) -> str:
        """Finds it again after the agent was restarted."""

    @property
    def pid(self) -> int:
        """Its process on this machine; 0 where there is none."""

    @property
    def started(self) -> str | None:
        """When that process started, in the system's own words."""

    @property
    def is_adopted(self) -> bool:
        """True if an earlier agent launched it: its exit code may be unknown."""

    def has_gone(self) -> bool:
        """True once it has ended; `code` is then what it ended with."""

    def let_go(self) -> None:
        """Let a launched job begin: it is written down."""

    def end(self, *, hard: bool, grace: float) -> None:
        """Ask it and all its children to end, or kill them."""

    def clear(self) -> None:
        """Remove what is left of it."""


class Infrastructure(Protocol):
    """A kind of place where jobs run."""

    kind: str
    is_here: bool  # on this machine, with the agent's own files and environment

    def launch(self, job: Job, output: Output) -> Handle:
        """Start it; InfrastructureError or OSError say why it could not be."""

    def attach(self, launch: Launch, output: Output) -> Handle:
        """Watch again what an earlier agent launched; None code if it has gone."""
