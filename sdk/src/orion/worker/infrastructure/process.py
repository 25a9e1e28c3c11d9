"""Runs as processes of this machine, each in a session of its own."""

from __future__ import annotations

import platform
import subprocess
import sys
from typing import TYPE_CHECKING

from orion.worker.processes import IS_WINDOWS, boot_id, end_group, is_alive, started_at

if TYPE_CHECKING:
    from orion.worker.infrastructure.job import Job
    from orion.worker.ledger import Launch
    from orion.worker.output import Output

KIND = "process"
# -P: the working folder must not come before the engine's own modules.
ENGINE = (sys.executable, "-P", "-m", "orion.engine")


class Processes:
    """Starts the engine as a child that outlives the agent if it must."""

    kind, is_here = KIND, True

    def launch(self, job: Job, output: Output) -> ProcessHandle:
        """Start the engine in a session of its own; it waits at the gate."""
        command = job.command or (*ENGINE, job.flow_run_id)
        with output.out.open_for_child() as out, output.err.open_for_child() as err:
            process = subprocess.Popen(  # noqa: S603 - the engine, or what the job names
                command,
                cwd=job.folder,
                env=dict(job.env),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=not IS_WINDOWS,
                creationflags=0x200 if IS_WINDOWS else 0,  # CREATE_NEW_PROCESS_GROUP
            )
        return ProcessHandle(process.pid, started_at(process.pid), process=process)

    def attach(self, launch: Launch, output: Output) -> ProcessHandle:
        """The process of that pid, if it is still the same one."""
        is_lost = launch.has_exited or launch.boot_id != boot_id()
        output.skip_to_end()
        return ProcessHandle(
            launch.pid or 0,
            None if is_lost else launch.started,
            code=launch.exit_code,
        )


class ProcessHandle:
    """A process: our child, or one that an earlier agent of this name left."""

    kind = KIND
    problem = None

    def __init__(
        self,
        pid: int,
        started: str | None,
        *,
        process: subprocess.Popen[bytes] | None = None,
        code: int | None = None,
    ) -> None:
        self.pid, self.started, self.code = pid, started, code
        self._process = process

    @property
    def identifier(self) -> str:
        return f"{platform.node()}:{self.pid}"

    @property
    def is_adopted(self) -> bool:
        return self._process is None

    def has_gone(self) -> bool:
        """A child is reaped; another's process is looked at."""
        if self._process is not None:
            self.code = self._process.poll()
            return self.code is not None
        return not is_alive(self.pid, self.started)

    def let_go(self) -> None:
        """Open the gate at which a new process waits until it is written down."""
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.write(b"\n")
                self._process.stdin.close()
            except OSError:
                return  # it has ended already; its exit code tells why

    def end(self, *, hard: bool, grace: float) -> None:
        """Tell the whole group; nothing if the process is another's by now."""
        if self._process is not None or is_alive(self.pid, self.started):
            end_group(self.pid, hard=hard)

    def clear(self) -> None:
        """A process that has ended leaves nothing."""
