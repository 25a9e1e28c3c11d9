"""One run's job: launched here or by an earlier agent of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orion.worker.infrastructure.job import Handle
    from orion.worker.output import Output


@dataclass(slots=True)
class Child:
    """A job, what it prints, and when a stopped one is to be killed."""

    flow_run_id: str
    name: str
    handle: Handle
    output: Output
    token: str | None = None
    tries: int = 1
    is_cancelled: bool = False
    was_killed: bool = False
    kill_at: float | None = None

    @property
    def pid(self) -> int:
        return self.handle.pid

    @property
    def code(self) -> int | None:
        return self.handle.code

    def stop(self, now: float, *, grace: float) -> None:
        """Ask the job to end; a second call changes only the deadline."""
        if self.kill_at is None:
            self.handle.end(hard=False, grace=grace)
            self.kill_at = now + grace
        self.kill_at = min(self.kill_at, now + grace)

    def kill_if_overdue(self, now: float) -> None:
        """Its time to clean up is over."""
        if self.kill_at is not None and now >= self.kill_at and not self.was_killed:
            self.was_killed = True
            self.handle.end(hard=True, grace=0)
