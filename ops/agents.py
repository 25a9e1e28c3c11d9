"""Starts the SDK's agent in its own process, which never sees the server's code."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from core.conf import conf

logger = logging.getLogger(__name__)

MODULE = "orion.cli"
LEASH = Path(__file__).with_name("leash.py")
DEFAULTS = ("-q", "default")
OURS = ("DATABASE_URL", "SECRET_KEY", "ENCRYPTION_KEYS")  # none of a flow's business
DRAIN_SECONDS, GRACE_SECONDS = "4", "3"  # how long runs may last when all is stopped
BREAK_OFF_AFTER, KILL_AFTER = 6.0, 12.0  # seconds after the first SIGTERM
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before a dead agent is started again


def command(arguments: Sequence[str], *, on_leash: bool) -> list[str]:
    """The command line of `orion agent start`, with no folder of ours on its path."""
    run = [str(LEASH), MODULE] if on_leash else ["-m", MODULE]
    return [sys.executable, "-P", *run, "agent", "start", *arguments]


def environment(api_url: str, **fixed: str) -> dict[str, str]:
    """What the agent inherits: all but our secrets and our code; then what is fixed.

    `api_url` is for an agent that was told no other.
    """
    given = {**os.environ, **fixed}
    secret = {f"ORION_{name}{end}" for name in OURS for end in ("", "_FILE")}
    hidden = {*secret, "DJANGO_SETTINGS_MODULE", "ORION_FLEETING_DATABASE"}
    found = {name: value for name, value in given.items() if name not in hidden}
    found["ORION_HOME"] = str(conf.home)
    found.setdefault("ORION_API_URL", api_url)
    if "PYTHONPATH" in found:
        parts = found["PYTHONPATH"].split(os.pathsep)
        found["PYTHONPATH"] = os.pathsep.join(part for part in parts if not _ours(part))
    return found


def folder() -> Path:
    """The agent's working folder."""
    conf.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return conf.home


class AgentProcess:
    """One agent beside the server: started again when it dies, gone when we are."""

    def __init__(self, api_url: str, arguments: Sequence[str] = DEFAULTS) -> None:
        self._arguments = arguments
        self._environment = environment(api_url, ORION_API_URL=api_url)
        self._environment.setdefault("ORION_AGENT_DRAIN_SECONDS", DRAIN_SECONDS)
        self._environment.setdefault("ORION_CANCELLATION_GRACE_SECONDS", GRACE_SECONDS)
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, name="agent", daemon=True)

    def start(self) -> None:
        """Start it and keep watching it."""
        self._watcher.start()

    def stop(self) -> None:
        """Ask it to end, ever more firmly; returns when it is gone."""
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is None:
            return
        begin = time.monotonic()
        for act, until in (
            (process.terminate, BREAK_OFF_AFTER),
            (process.terminate, KILL_AFTER),
            (process.kill, KILL_AFTER + BREAK_OFF_AFTER),
        ):
            act()
            try:
                process.wait(max(0.0, begin + until - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
            return

    def _watch(self) -> None:
        pause = FIRST_PAUSE
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                process = self._process = self._spawn()
            begin = time.monotonic()
            status = process.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - begin > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            logger.error(
                "the agent ended with status %s; next start in %.0f s", status, pause
            )
            if self._stopping.wait(pause):
                return
            pause = min(pause * 2, LONGEST_PAUSE)

    def _spawn(self) -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl-C reaches us, and we tell the agent."""
        return subprocess.Popen(  # noqa: S603 - our own interpreter and program
            command(self._arguments, on_leash=True),
            cwd=folder(),
            env=self._environment,
            stdin=subprocess.PIPE,  # closed by the system when we are gone
            start_new_session=os.name != "nt",
        )


def _ours(path: str) -> bool:
    root = Path(settings.BASE_DIR)
    return Path(path or ".").resolve() == root
