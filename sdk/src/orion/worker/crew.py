"""The processes an agent answers for: started, adopted, cancelled, settled."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from orion.client import flow_runs
from orion.exceptions import OrionError
from orion.worker import claims, jobs
from orion.worker.child import Child
from orion.worker.exits import LAUNCH_TRIES, meaning
from orion.worker.infrastructure import of_kind
from orion.worker.infrastructure.job import InfrastructureError
from orion.worker.output import Output
from orion.worker.processes import boot_id
from orion.worker.sources import Site

if TYPE_CHECKING:
    from orion.client.transport import Transport
    from orion.worker.infrastructure.job import Handle, Job
    from orion.worker.ledger import Launch, Ledger

logger = logging.getLogger("orion.agent")
SETTLE_AGAIN_SECONDS = 5.0


class Crew:
    """Children by run id; a child leaves when its run's end is known to the server."""

    def __init__(
        self,
        transport: Transport,
        ledger: Ledger,
        *,
        grace: float,
        say: Callable[[str], object],
    ) -> None:
        self.transport, self.ledger = transport, ledger
        self.grace, self.say = grace, say
        self.children: dict[str, Child] = {}
        self.sites: dict[str, Site] = {}
        self.on_change: Callable[[], object] = lambda: None
        self._gone: dict[str, float] = {}
        self._lock = threading.Lock()
        self._to_cancel: set[str] = set()
        self._unstarted: list[Launch] = []
        self._again_at = 0.0

    def living(self) -> list[Child]:
        """Children whose jobs have not ended, for the heartbeat."""
        with self._lock:
            return [c for id, c in self.children.items() if id not in self._gone]

    def ended(self) -> list[Child]:
        """Children whose jobs have ended, while the server may not know it yet."""
        with self._lock:
            return [c for id, c in self.children.items() if id in self._gone]

    def cancel(self, flow_run_id: str) -> None:
        """Stop this run at the next look; called by the heartbeat's thread."""
        with self._lock:
            self._to_cancel.add(flow_run_id)

    def launch(
        self, job: Job, site: Site, *, tries: int = 1, token: str | None = None
    ) -> None:
        """Start the run's job, write it down, then let it go."""
        id = job.flow_run_id
        output = Output(self.folder(id))
        try:
            handle = site.infrastructure.launch(job, output)
        except (OSError, InfrastructureError) as error:
            self.refuse(id, f"The run could not be launched: {error}")
            return
        child = Child(id, job.name, handle, output, token=token, tries=tries)
        self.sites[id] = site
        self.ledger.launched(id, handle, boot_id=boot_id())
        handle.let_go()
        self._add(child)
        logger.info("run %s started as %s", job.name, _told(handle))
        self._tell_identifier(child)

    def refuse(self, flow_run_id: str, message: str) -> None:
        """A claimed run that cannot be launched as it is described."""
        claims.crash(self.transport, flow_run_id, message)
        self.ledger.settle(flow_run_id)
        Output(self.folder(flow_run_id)).remove()

    def adopt(self) -> None:
        """Go on with what an earlier agent of this name left open."""
        for launched in self.ledger.open_launches():
            if launched.pid is None:
                self._unstarted.append(launched)
                continue
            output = Output(self.folder(launched.flow_run_id))
            try:
                handle = of_kind(launched.kind).attach(launched, output)
            except OrionError as error:  # stays in the ledger for the next start
                logger.warning("run %s cannot be adopted: %s", launched.name, error)
                continue
            child = Child(
                launched.flow_run_id,
                launched.name,
                handle,
                output,
                token=launched.token,
                tries=launched.tries,
                is_cancelled=launched.is_cancelled,
            )
            if not handle.has_gone():
                logger.info("run %s adopted, %s", child.name, _told(handle))
            self._add(child)

    def watch(self, now: float) -> None:
        """Pass output on, stop what is cancelled, settle what has gone."""
        self._stop_cancelled(now)
        self._hand_back_unstarted(now)
        for child in list(self.children.values()):
            if child.flow_run_id not in self._gone:
                child.kill_if_overdue(now)
                is_over = child.handle.has_gone()
                child.output.forward(child.name, self.say, is_over=is_over)
                if is_over:
                    self._has_ended(child, now)
            if now >= self._gone.get(child.flow_run_id, now + 1):
                self._settle(child, now)

    def _add(self, child: Child) -> None:
        with self._lock:
            self.children[child.flow_run_id] = child
        self.on_change()

    def _remove(self, child: Child) -> None:
        with self._lock:
            del self.children[child.flow_run_id]
            self._gone.pop(child.flow_run_id, None)
        self.ledger.settle(child.flow_run_id)
        self.sites.pop(child.flow_run_id, None)
        child.handle.clear()
        child.output.remove()
        self.on_change()

    def _stop_cancelled(self, now: float) -> None:
        with self._lock:
            wanted, self._to_cancel = self._to_cancel, set()
        for child in [c for i, c in self.children.items() if i in wanted]:
            if not child.is_cancelled:
                logger.info("run %s is being cancelled", child.name)
                child.is_cancelled = True
                self.ledger.cancelled(child.flow_run_id)
                child.stop(now, grace=self.grace)

    def _has_ended(self, child: Child, now: float) -> None:
        code = "an unknown code" if child.code is None else child.code
        logger.info("run %s: its process ended with %s", child.name, code)
        self.ledger.exited(child.flow_run_id, child.code)
        with self._lock:
            self._gone[child.flow_run_id] = now
        self.on_change()

    def _settle(self, child: Child, now: float) -> None:
        may_relaunch = meaning(child.code).may_relaunch and not child.is_cancelled
        site = self.sites.get(child.flow_run_id) or Site(of_kind(child.handle.kind), {})
        try:
            if may_relaunch and child.tries < LAUNCH_TRIES:
                self._relaunch(child, site)
                return
            claims.settle(self.transport, child, self.ledger.name)
        except OrionError as error:
            logger.warning("the end of run %s is not told yet: %s", child.name, error)
            self._gone[child.flow_run_id] = now + SETTLE_AGAIN_SECONDS
            return
        self._remove(child)

    def _relaunch(self, child: Child, site: Site) -> None:
        """The API was away when the run began: one more try of the few it has."""
        tries, token = child.tries + 1, child.token
        claim = claims.spelt(token, self.ledger.name) if token else None
        run = flow_runs.read(self.transport, child.flow_run_id)
        folder = self.folder(run["id"])
        job = jobs.of_run(self.transport, run, site=site, fallback=folder, claim=claim)
        self._remove(child)
        logger.info("run %s is launched again, try %s", child.name, tries)
        self.ledger.claim(run["id"], child.name, tries=tries, token=token)
        self.launch(job, site, tries=tries, token=token)

    def _hand_back_unstarted(self, now: float) -> None:
        """Claimed by an earlier agent, never started: others may have these runs."""
        if now < self._again_at:
            return
        while self._unstarted:
            flow_run_id = self._unstarted[0].flow_run_id
            try:
                claims.hand_back(self.transport, flow_run_id, self.ledger.name)
            except OrionError as error:
                logger.warning("run %s is not handed back yet: %s", flow_run_id, error)
                self._again_at = now + SETTLE_AGAIN_SECONDS
                return
            self.ledger.settle(flow_run_id)
            del self._unstarted[0]

    def _tell_identifier(self, child: Child) -> None:
        told = child.handle.identifier
        try:
            flow_runs.amend(self.transport, child.flow_run_id, infrastructure_pid=told)
        except OrionError as error:
            logger.warning("run %s: its job is not told: %s", child.name, error)

    def folder(self, flow_run_id: str) -> Path:
        """Where this run's output is kept while it runs."""
        return self.ledger.folder / flow_run_id


def _told(handle: Handle) -> str:
    return f"process {handle.pid}" if handle.pid else handle.identifier
