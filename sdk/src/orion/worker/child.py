"""One run's process: launched here or by an earlier agent of the same name."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orion.worker.output import Output
from orion.worker.processes import IS_WINDOWS, end_group, is_alive, started_at

if TYPE_CHECKING:
    from orion.worker.jobs import Job


@dataclass(slots=True)
class Child:
    """A process, what it prints, and when a stopped one is to be killed."""

    flow_run_id: str
    name: str
    pid: int
    started: str | None
    output: Output
    tries: int = 1
    process: subprocess.Popen[bytes] | None = None
    is_cancelled: bool = False
    was_killed: bool = False
    kill_at: float | None = None
    code: int | None = None

    def has_gone(self) -> bool:
        """True once the process has ended; `code` is then what it ended with."""
        if self.process is not None:
            self.code = self.process.poll()
            return self.code is not None
        return not is_alive(self.pid, self.started)

    def stop(self, *, kill_at: float) -> None:
        """Ask the process group to end; a second call changes only the deadline."""
        if self.kill_at is None:
            end_group(self.pid, hard=False)
            self.kill_at = kill_at
        self.kill_at = min(self.kill_at, kill_at)

    def kill_if_overdue(self, now: float) -> None:
        if self.kill_at is not None and now >= self.kill_at and not self.was_killed:
            self.was_killed = True
            end_group(self.pid, hard=True)

    def let_go(self) -> None:
        """Open the gate at which a new process waits until it is written down."""
        if self.process is not None and self.process.stdin is not None:
            try:
                self.process.stdin.write(b"\n")
                self.process.stdin.close()
            except OSError:
                return  # it has ended already; its exit code tells why


def launch(
    flow_run_id: str,
    name: str,
    job: Job,
    *,
    tries: int,
    output: Output,
) -> Child:
    """Start the engine in a session of its own; it waits at the gate."""
    # -P: the working folder must not come before the engine's own modules.
    command = [sys.executable, "-P", "-m", "orion.engine", flow_run_id]
    with output.out.open_for_child() as out, output.err.open_for_child() as err:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            cwd=job.folder,
            env=dict(job.env),
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=err,
            start_new_session=not IS_WINDOWS,
            creationflags=0x200 if IS_WINDOWS else 0,  # CREATE_NEW_PROCESS_GROUP
        )
    return Child(
        flow_run_id,
        name,
        pid=process.pid,
        started=started_at(process.pid),
        output=output,
        tries=tries,
        process=process,
    )
