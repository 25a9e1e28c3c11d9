"""Facts about processes: who they are, whether they live, how to end a group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

IS_WINDOWS = sys.platform == "win32"


def boot_id() -> str | None:
    """Changes with each start of the machine: pids of an earlier boot are void."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def started_at(pid: int) -> str | None:
    """When the process started, in the system's own words; None if it is gone."""
    if sys.platform == "linux":
        return _started_at_on_linux(pid)
    if IS_WINDOWS:
        return None
    told = subprocess.run(  # noqa: S603 - a fixed command and a number
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or None


def is_alive(pid: int, start: str | None) -> bool:
    """True if this very process still runs: a reused pid has another start."""
    return start is not None and started_at(pid) == start


def end_group(pid: int, *, hard: bool) -> None:
    """Ask the process and all its children to end, or kill them."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM if hard else signal.CTRL_BREAK_EVENT)
        else:
            os.killpg(pid, signal.SIGKILL if hard else signal.SIGTERM)


def _started_at_on_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command may hold blanks and brackets; fields count from the last bracket.
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] == "Z" else fields[19]
