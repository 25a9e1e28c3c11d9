"""The real server in its own processes, as a person would start it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import httpx

from tests.support.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """`manage.py start` on a free port, with its own home folder."""

    def __init__(
        self, home: Path, database_url: str, *, options: Iterable[str] = ("--no-agent",)
    ) -> None:
        self.home = home
        self.options = tuple(options)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = clean_environment() | {
            "ORION_HOME": str(home),
            "ORION_DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "orion_site.settings.prod",
        }
        self.api = httpx.Client(base_url=f"{self.url}/api", timeout=30, trust_env=False)
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a management command next to the server; output goes to its log."""
        with (self.home / "server.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self, *, within: float = 60) -> None:
        """Start and wait until it answers."""
        address = ("--host", "127.0.0.1", "--port", str(self.port))
        self.process = self.manage("start", *address, *self.options)
        self.wait_healthy(within=within)

    def wait_healthy(self, *, within: float = 60) -> None:
        """Return when `/api/health` answers 200; raise with the log when it dies."""
        deadline = time.monotonic() + within
        while not self.is_healthy():
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"the server died:\n{self.log()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"not healthy in {within} s:\n{self.log()}")
            time.sleep(0.05)

    def is_healthy(self) -> bool:
        """Whether it answers at all."""
        try:
            return self.api.get("/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, *, within: float = 30) -> int:
        """SIGTERM, as a service manager does; the exit status."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(timeout=within)
        finally:
            self.sweep()

    def kill(self) -> None:
        """`kill -9` of the server and whatever it started."""
        if self.process:
            self.process.kill()
            self.process.wait(timeout=30)
            self.sweep()

    def sweep(self) -> None:
        """End what is left of this server's processes, so that no test leaves any."""
        self.process = None
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)

    def pids(self) -> list[int]:
        """Every process that carries this server's home folder in its environment."""
        return processes_with(f"ORION_HOME={self.home}")

    def log(self) -> str:
        """The last part of what the server printed."""
        path = self.home / "server.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def close(self) -> None:
        """End everything."""
        if self.process:
            self.kill()
        self.api.close()


def clean_environment() -> dict[str, str]:
    """Our environment without what would tilt a server or a client under test."""
    theirs = ("ORION_", "PREFECT_", "DJANGO_", "PYTEST_", "COV_")
    return {k: v for k, v in os.environ.items() if not k.startswith(theirs)}


def processes_with(marker: str) -> list[int]:
    """Live processes whose environment holds `marker` (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            dead = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except (OSError, IndexError):
            continue
        if marker.encode() in environment and not dead:
            found.append(int(folder.name))
    return found
