"""Sends log records in batches from a thread of its own."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orion.exceptions import ApiUnreachable, HTTPStatusError
from orion.report.pipe import complain
from orion.report.spool import Spool
from orion.settings import settings

if TYPE_CHECKING:
    from orion.report.reporter import Sender

MOST_RECORDS, MOST_BYTES = 1000, 256 * 1024
MOST_WAITING = 50_000
ERROR = 40
URGENT_SECONDS, LONGEST_PAUSE = 0.05, 10.0


class LogShipper:
    """Adding never waits for the network; what cannot be sent is kept on disk."""

    def __init__(
        self, transport: Sender, spool: Spool, aliased: Callable[[str], str]
    ) -> None:
        self._transport, self._spool, self._aliased = transport, spool, aliased
        self._changed = threading.Condition()
        self._waiting: deque[dict[str, Any]] = deque()
        self._bytes = self._under_way = 0
        self._is_hurried = self._is_giving_up = False
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()

    def add(self, record: dict[str, Any]) -> None:
        """Take a record; one that finds no room goes to disk at once."""
        with self._changed:
            if self._pid != os.getpid():  # a forked child starts with nothing
                self._pid, self._thread = os.getpid(), None
                self._waiting.clear()
                self._bytes = self._under_way = 0
            if len(self._waiting) >= MOST_WAITING:
                self._keep([record])
                return
            was_idle = not self._waiting
            self._waiting.append(record)
            self._bytes += len(record["message"]) + 200
            if self._thread is None:
                self._start()
            is_full = len(self._waiting) >= MOST_RECORDS or self._bytes >= MOST_BYTES
            if record["level"] >= ERROR or is_full:
                self._is_hurried = True
            if was_idle or self._is_hurried:
                self._changed.notify_all()

    def drain(self, patience: float) -> None:
        """Send everything now; if nothing arrives for so long, keep it on disk."""
        with self._changed:
            left = -1
            while left != len(self._waiting) and not self._is_empty():
                left = len(self._waiting)
                self._is_hurried = True
                self._changed.notify_all()
                self._changed.wait_for(self._is_empty, patience)
            if self._is_empty():
                return
            self._is_giving_up = True
            self._changed.notify_all()
            self._changed.wait_for(self._is_empty, LONGEST_PAUSE)
            self._is_giving_up = False

    def _is_empty(self) -> bool:
        return not self._waiting and not self._under_way

    def _start(self) -> None:
        self._thread = threading.Thread(
            target=self._run, name="orion-logs", daemon=True
        )
        self._thread.start()

    def _run(self) -> None:
        while True:
            batch = self._gather()
            self._send(batch)
            with self._changed:
                self._under_way = 0
                self._changed.notify_all()

    def _gather(self) -> list[dict[str, Any]]:
        """Wait for records, then for company, unless somebody is in a hurry."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting))
            self._changed.wait_for(
                lambda: self._is_hurried, settings().logging.batch_seconds
            )
            batch: list[dict[str, Any]] = []
            size = 0
            while self._waiting and len(batch) < MOST_RECORDS and size < MOST_BYTES:
                record = self._waiting.popleft()
                size += len(record["message"]) + 200
                batch.append(record)
            self._bytes -= size
            self._under_way = len(batch)
            self._is_hurried = bool(self._waiting)
        for record in batch:
            if record["task_run_id"]:
                record["task_run_id"] = self._aliased(record["task_run_id"])
        return batch

    def _send(self, batch: list[dict[str, Any]]) -> None:
        pause = 0.25
        while not self._is_giving_up:
            try:
                self._transport.request("POST", "/logs/", json=batch)
                return
            except ApiUnreachable:
                pass
            except HTTPStatusError as error:
                if error.status == 413 and len(batch) > 1:
                    half = len(batch) // 2
                    self._send(batch[:half])
                    self._send(batch[half:])
                    return
                if error.status < 500 and error.status not in (408, 425, 429):
                    self._refused(batch, error)
                    return
            except Exception as error:
                complain(f"Logs could not be sent: {type(error).__name__}: {error}")
                self._keep(batch)
                return
            with self._changed:
                self._changed.wait_for(lambda: self._is_giving_up, pause)
            pause = min(LONGEST_PAUSE, pause * 2)
        path = self._keep(batch)
        complain(f"{len(batch)} log lines could not be sent; they are in {path}")

    def _refused(self, batch: list[dict[str, Any]], error: HTTPStatusError) -> None:
        """One bad record must not take the others with it."""
        if len(batch) > 1:
            for record in batch:
                self._send([record])
        else:
            complain(f"The server refused a log line: {error}")

    def _keep(self, batch: list[dict[str, Any]]) -> object:
        return self._spool.keep([{"method": "POST", "path": "/logs/", "json": batch}])
