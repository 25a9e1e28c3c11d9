"""`python do.py up`, typed in a checkout by a newcomer."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx

from tests.support.server import clean_environment, processes_with

RUN_LINE = re.compile(r"http://127\.0\.0\.1:\d+/\S*?([0-9a-f]{8}-[0-9a-f-]{27})")
PYTHON = getattr(sys, "_base_executable", sys.executable)


class Up:
    """One `python do.py up` in a checkout, with a home folder of its own."""

    def __init__(self, checkout: Path, home: Path, port: int) -> None:
        keep = {k: v for k, v in clean_environment().items() if k != "VIRTUAL_ENV"}
        self.home = home
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        self.left: list[int] = []
        self.healthy_after = float("inf")
        self.said = threading.Condition()
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [PYTHON, "do.py", "up", "--port", str(port)],
            cwd=checkout,
            env=keep | {"HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self.said:
                self.lines.append(line)
                self.said.notify_all()
        self.process.stdout.close()
        with self.said:
            self.said.notify_all()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def finished_run(self, *, within: float) -> str:
        """The id in the printed address of a finished run."""
        with self.said:
            self.said.wait_for(
                lambda: RUN_LINE.search(self.output) or not self.reader.is_alive(),
                within,
            )
        found = RUN_LINE.search(self.output)
        assert found, self.output
        return found.group(1)

    def wait_healthy(self, *, within: float) -> None:
        """Return when `/api/health` answers; remember how long that took."""
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(
                    f"{self.url}/api/health", trust_env=False, timeout=30
                ).is_success:
                    break
            assert self.process.poll() is None, self.output
            assert time.monotonic() < self.started + within, self.output
            time.sleep(0.1)
        self.healthy_after = time.monotonic() - self.started

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, as a person or a service manager does."""
        self.process.send_signal(how)
        status = self.process.wait(timeout=30)
        self.reader.join(timeout=10)
        self.left = self.left_behind()
        return status

    def left_behind(self) -> list[int]:
        """Processes that outlived it."""
        return processes_with(f"HOME={self.home}")

    def close(self) -> None:
        """Whatever happened: nothing stays."""
        for pid in self.left_behind():
            os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=30)
        self.reader.join(timeout=10)
