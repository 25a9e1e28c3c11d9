"""The example that `manage.py up` deploys, and the address of its first finished run.

The SDK's command line does the deploying, in a process of its own: the server imports
nothing of the SDK.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections

from core.actor import SERVICE
from core.clock import now
from ops import agents
from ops.health import readiness
from runs.models import FlowRun
from runs.states import StateType

FLOW, NAME, QUEUE = "weather", "demo", "default"
INTERVAL, FIRST_RUN_IN = "1m", "5s"
LOOK_EVERY = 0.3  # seconds
LOOK_FOR = timedelta(minutes=5)


class Example:
    """Deploys the example beside a running server and says what became of it."""

    def __init__(self, url: str, say: Callable[[str], None]) -> None:
        self.url = url
        self.say = say
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._show, name="example", daemon=True)

    def start(self) -> None:
        """Begin; the server answers by now."""
        self._thread.start()

    def stop(self) -> None:
        """End, wherever it is."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _show(self) -> None:
        try:
            self._wait_until(lambda: readiness().is_ready)
            if self._deploy() and self._wait_until(lambda: finished_run() is not None):
                self.say(f"Finished run  {self.url}/runs/{finished_run()}")
        finally:
            connections.close_all()

    def _wait_until(self, is_so: Callable[[], bool]) -> bool:
        """Whether it became so before the end."""
        deadline = now() + LOOK_FOR
        while not is_so():
            if self._stop.wait(LOOK_EVERY) or now() > deadline:
                return False
        return not self._stop.is_set()

    def _deploy(self) -> bool:
        """Run `orion deploy` where the example is; whether it went well."""
        api = f"{self.url}/api"
        command = [sys.executable, "-P", "-m", agents.MODULE, "--api-url", api]
        command += ["deploy", f"{FLOW}.py:{FLOW}", "--name", NAME, "--queue", QUEUE]
        command += ["--interval", INTERVAL, "--anchor", FIRST_RUN_IN]
        with subprocess.Popen(  # noqa: S603 - our own command, fixed arguments
            command,
            cwd=Path(settings.BASE_DIR) / "examples",
            env=agents.environment(api),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as deploying:
            while deploying.poll() is None:
                if self._stop.wait(LOOK_EVERY):
                    deploying.terminate()
            said = deploying.stdout.read().strip() if deploying.stdout else ""
        if deploying.returncode and not self._stop.is_set():
            self.say(f"The example was not deployed: {said}")
        return deploying.returncode == 0


def finished_run() -> str | None:
    """The id of the example's newest completed run."""
    mine = FlowRun.objects.visible_to(SERVICE).filter(
        flow__name=FLOW, deployment__name=NAME, state_type=StateType.COMPLETED
    )
    run = mine.order_by("-end_time").values_list("id", flat=True).first()
    return str(run) if run else None
