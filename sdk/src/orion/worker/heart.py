"""The agent's heartbeat: which runs live here; the answer names runs to cancel."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from orion.client import flow_runs
from orion.exceptions import HTTPStatusError, OrionError

if TYPE_CHECKING:
    from orion.client.transport import Transport
    from orion.worker.child import Child

logger = logging.getLogger("orion.agent")
CLASSIC_CANCEL_SECONDS = 10.0
REQUEST_SECONDS = 10.0
GAP_SECONDS, ASK_AGAIN_SECONDS = 0.2, 600.0


class Heart(threading.Thread):
    """Beats at once, then each interval, and whenever the set of runs changes."""

    def __init__(
        self,
        transport: Transport,
        *,
        introduction: dict[str, Any],
        living: Callable[[], Iterable[Child]],
        ended: Callable[[], Iterable[Child]],
        cancel: Callable[[str], object],
    ) -> None:
        super().__init__(name="orion-agent-heart", daemon=True)
        self.transport, self.introduction = transport, introduction
        self.interval = float(introduction["interval_seconds"])
        self._living, self._ended, self._cancel = living, ended, cancel
        self._foreign_until = 0.0
        self._has_failed = False
        self._changed = threading.Event()
        self._over = threading.Event()

    def hurry(self) -> None:
        """The set of live runs has changed."""
        self._changed.set()

    def stop(self) -> None:
        """Send a last beat and end."""
        self._over.set()
        self._changed.set()
        self.join(REQUEST_SECONDS)

    def run(self) -> None:
        while True:
            is_last = self._over.is_set()
            try:
                self.beat()
                self._has_failed = False
            except OrionError as error:
                if not self._has_failed:
                    logger.warning("heartbeat failed: %s", error)
                self._has_failed = True
            if is_last:
                return
            self._changed.wait(self.rest)
            self._over.wait(GAP_SECONDS)  # several changes at once are one beat
            self._changed.clear()

    @property
    def _is_foreign(self) -> bool:
        """True for a server without this heartbeat; it may learn it by an upgrade."""
        return time.monotonic() < self._foreign_until

    @property
    def rest(self) -> float:
        if self._is_foreign:
            return min(self.interval, CLASSIC_CANCEL_SECONDS)
        return self.interval

    def beat(self) -> None:
        """One round: tell, and pass on what is to be cancelled."""
        living = list(self._living())
        if not self._is_foreign:
            self._tell(living)
        if self._is_foreign:
            self._ask_for_cancelling(living)
        if pool := self.introduction["work_pool"]:
            self._tell_pool(pool)

    def _tell(self, living: list[Child]) -> None:
        """Claims last as long as they are told; an ended process is no riddle."""
        body = {
            **self.introduction,
            "runs": [{"flow_run_id": c.flow_run_id, "pid": c.pid} for c in living],
            "claims": [
                {"flow_run_id": c.flow_run_id, "token": c.token}
                for c in living
                if c.token is not None
            ],
            "ended": [
                {"flow_run_id": c.flow_run_id, "exit": c.code} for c in self._ended()
            ],
        }
        try:
            answer = self._post("/x/v1/agents/heartbeat", body)
        except HTTPStatusError as error:
            if error.status not in (404, 405):
                raise
            self._foreign_until = time.monotonic() + ASK_AGAIN_SECONDS
            return
        self.interval = float(answer.get("interval_seconds") or self.interval)
        self._pass_on(answer.get("cancel") or (), living)

    def _ask_for_cancelling(self, living: list[Child]) -> None:
        if not living:
            return
        found = flow_runs.find(
            self.transport,
            flow_runs={
                "id": {"any_": [child.flow_run_id for child in living]},
                "state": {"type": {"any_": ["CANCELLING"]}},
            },
        )
        self._pass_on((run["id"] for run in found), living)

    def _tell_pool(self, pool: str) -> None:
        body = {
            "name": self.introduction["name"],
            "heartbeat_interval_seconds": max(1, round(self.interval)),
        }
        self._post(f"/work_pools/{quote(pool)}/workers/heartbeat", body)

    def _pass_on(self, ids: Iterable[str], living: list[Child]) -> None:
        ours = {child.flow_run_id for child in living}
        for flow_run_id in map(str, ids):
            if flow_run_id in ours:
                self._cancel(flow_run_id)

    def _post(self, path: str, body: object) -> Any:
        return self.transport.request(
            "POST", path, json=body, retry=False, timeout=REQUEST_SECONDS
        ).json()
