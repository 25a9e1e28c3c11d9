"""The run's own heartbeat: it lives, whatever became of its agent."""

from __future__ import annotations

import os
import platform
import threading
from typing import TYPE_CHECKING

from orion.exceptions import HTTPStatusError, OrionError

if TYPE_CHECKING:
    from orion.client.transport import Transport

REQUEST_SECONDS = 10.0


class Beat(threading.Thread):
    """Tells the server every few seconds; ends silently where nobody listens."""

    def __init__(
        self, transport: Transport, flow_run_id: str, *, interval: float
    ) -> None:
        super().__init__(name="orion-run-beat", daemon=True)
        self.transport, self.interval = transport, interval
        self.path = f"/x/v1/flow_runs/{flow_run_id}/heartbeat"
        self._over = threading.Event()

    def stop(self) -> None:
        self._over.set()

    def run(self) -> None:
        body = {
            "pid": os.getpid(),
            "host": platform.node(),
            "interval_seconds": self.interval,
        }
        while not self._over.is_set():
            try:
                self.transport.request(
                    "POST", self.path, json=body, retry=False, timeout=REQUEST_SECONDS
                )
            except HTTPStatusError as error:
                if error.status in (404, 405):
                    return
            except OrionError:
                pass  # no answer now: the next beat is the next try
            self._over.wait(self.interval)
