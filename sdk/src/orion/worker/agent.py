"""The agent: one loop that takes due runs, launches, watches and settles them."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import queue
import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orion.exceptions import HTTPStatusError, OrionError
from orion.worker import claims, jobs
from orion.worker.claims import Claims
from orion.worker.crew import Crew
from orion.worker.heart import Heart
from orion.worker.infrastructure.job import InfrastructureError
from orion.worker.ledger import Ledger, NameTaken
from orion.worker.processes import boot_id
from orion.worker.sources import (
    DEFAULT_QUEUE,
    ClassicQueue,
    DueRun,
    Pool,
    Served,
    Source,
)

if TYPE_CHECKING:
    from orion.client.transport import Transport
    from orion.worker.infrastructure.job import Job

logger = logging.getLogger("orion.agent")
TICK_SECONDS, LONGEST_REST, RESERVE, UNLIMITED = 0.25, 60.0, 2, 100
NOT_AUTHORISED = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one agent works; times in seconds."""

    queues: Sequence[str] = ()
    pool: str | None = None
    deployments: Sequence[str] = ()  # ids of what is served from here
    name: str | None = None
    limit: int | None = None
    prefetch: float = 10.0
    poll_interval: float = 1.0
    heartbeat: float = 15.0
    grace: float = 30.0
    drain: float | None = 30.0
    is_once: bool = False
    home: Path = field(default_factory=lambda: Path.home() / ".orion")


class Agent:
    """Asks its sources for due runs and runs each in a process of its own."""

    def __init__(
        self,
        transport: Transport,
        options: Options,
        *,
        say: Callable[[str], object] = print,
    ) -> None:
        self.transport, self.options = transport, options
        self.ledger = open_ledger(options)
        self.name = self.ledger.name
        self.sources = make_sources(transport, options)
        self.crew = Crew(transport, self.ledger, grace=options.grace, say=say)
        self.claims = Claims(transport, self.name)
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._offered: dict[str, DueRun] = {}
        self._poll_at = 0.0
        self._failures = 0
        self._stops = 0
        self._drain_until: float | None = None
        self._has_polled = self._was_full = False
        self.heart = Heart(
            transport,
            introduction=self._introduction(),
            living=self.crew.living,
            ended=self.crew.ended,
            cancel=self._cancel,
        )
        self.crew.on_change = self.heart.hurry

    def run(self) -> int:
        """Work until told to stop; 0 after a clean end."""
        logger.info("agent %s starts", self.name)
        try:
            self.crew.adopt()
            self._prepare()
            self.heart.start()
            while not self.is_done:
                self.turn(time.monotonic())
                self._rest(time.monotonic())
            self.heart.stop()
        finally:
            self.ledger.close()
        logger.info("agent %s ends", self.name)
        return 0

    def stop(self) -> None:
        """First call: take nothing new, let runs end. Second: end them now.

        Safe to call from a signal handler and from any thread.
        """
        self._stops += 1
        self._wake.put(None)

    @property
    def is_done(self) -> bool:
        is_over = self._stops > 0 or self._has_polled_once
        return is_over and not self.crew.children and not self._offered_now()

    @property
    def _has_polled_once(self) -> bool:
        return self.options.is_once and self._has_polled

    def turn(self, now: float) -> None:
        """One round: watch what runs, then take what is due."""
        self.crew.watch(now)
        if self._stops:
            self._drain(now)
            return
        free = self._free_slots()
        if free and self._was_full:
            self._poll_at = now
        self._was_full = not free
        if free and now >= self._poll_at and not self._has_polled_once:
            self._poll(now)
        self._take()

    def _prepare(self) -> None:
        """Make pools and queues that are missing, before the heart tells of them."""
        for source in self.sources:
            with contextlib.suppress(OrionError):  # the first poll tries and tells
                source.prepare()

    def _poll(self, now: float) -> None:
        before = datetime.now(UTC) + timedelta(seconds=self.options.prefetch)
        wanted = min(self._free_slots() + RESERVE, UNLIMITED)
        try:
            found = [
                run
                for source in self.sources
                for run in source.due(before=before, limit=wanted)
            ]
        except OrionError as error:
            self._note_failure(error, now)
            return
        if self._failures:
            logger.info("the API answers again")
        self._failures, self._has_polled = 0, True
        self._offered = {
            run.id: run
            for run in sorted(found, key=lambda run: run.order)
            if run.id not in self.crew.children
        }
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads polls, keeps no secret
        self._poll_at = now + self.options.poll_interval * jitter

    def _note_failure(self, error: OrionError, now: float) -> None:
        """Ask less and less often; a refused key will not become right by waiting."""
        if isinstance(error, HTTPStatusError) and error.status in NOT_AUTHORISED:
            raise error
        if not self._failures:
            logger.warning("cannot get runs, trying again: %s", error)
        self._failures += 1
        self._poll_at = now + min(
            LONGEST_REST, self.options.poll_interval * 2.0 ** (self._failures - 1)
        )

    def _take(self) -> None:
        """Claim and launch offered runs whose time has come."""
        for run in self._offered_now():
            if self._stops or self._free_slots() < 1:
                return
            del self._offered[run.id]
            try:
                self._take_one(run)
            except OrionError as error:
                logger.warning("run %s was not taken: %s", run.name, error)

    def _take_one(self, run: DueRun) -> None:
        """Nothing is asked between claim and launch, so that little can go wrong."""
        token = str(uuid.uuid4())
        job, problem = self._job(run, token)
        self.ledger.claim(run.id, run.name, tries=1, token=token)
        if not self.claims.take(run, token):
            self.ledger.settle(run.id)
        elif self._stops:
            claims.hand_back(self.transport, run.id, self.name)
            self.ledger.settle(run.id)
        elif job is None:
            self.crew.refuse(run.id, f"The run could not be launched: {problem}")
        else:
            self.crew.launch(job, run.site, token=token)

    def _job(self, run: DueRun, token: str) -> tuple[Job | None, str]:
        """The job, or what is wrong with its description."""
        folder = self.crew.folder(run.id)
        claim = claims.spelt(token, self.name)
        try:
            job = jobs.of_run(
                self.transport, run.run, site=run.site, fallback=folder, claim=claim
            )
        except InfrastructureError as error:
            return None, str(error)
        return job, ""

    def _offered_now(self) -> list[DueRun]:
        """Offered runs that may start; none once we are stopping."""
        if self._stops:
            return []
        now = datetime.now(UTC)
        return [r for r in self._offered.values() if r.due is None or r.due <= now]

    def _free_slots(self) -> int:
        if self.options.limit is None:
            return UNLIMITED
        return max(0, self.options.limit - len(self.crew.living()))

    def _drain(self, now: float) -> None:
        """Wait for what runs; end it when the time for that is over."""
        if self._drain_until is None and self.options.drain is not None:
            self._drain_until = now + self.options.drain
            if self.crew.children:
                logger.info("waiting for %s run(s) to end", len(self.crew.children))
        is_late = self._drain_until is not None and now >= self._drain_until
        if is_late or self._stops > 1:
            for child in list(self.crew.children.values()):
                child.stop(now, grace=self.options.grace)

    def _rest(self, now: float) -> None:
        """Sleep to the next poll, the next start, or the next look at what runs."""
        if self.is_done:
            return
        rest = self._poll_at - now
        if not self._stops:
            starts = [r.due for r in self._offered.values() if r.due is not None]
            if starts and self._free_slots() > 0:
                rest = min(rest, (min(starts) - datetime.now(UTC)).total_seconds())
        if self.crew.children:
            rest = min(rest, TICK_SECONDS) if rest > 0 else TICK_SECONDS
        with contextlib.suppress(queue.Empty):
            self._wake.get(timeout=max(rest, 0.01))

    def _cancel(self, flow_run_id: str) -> None:
        self.crew.cancel(flow_run_id)
        self._wake.put(None)

    def _introduction(self) -> dict[str, Any]:
        options = self.options
        queues = list(options.queues)
        if not queues and options.pool is None:
            queues = [DEFAULT_QUEUE]
        return {
            "name": self.name,
            "host": platform.node(),
            "pid": os.getpid(),
            "boot_id": boot_id(),
            "work_pool": options.pool,
            "work_queues": queues,
            "interval_seconds": options.heartbeat,
            "limit": options.limit,
        }


def make_sources(transport: Transport, options: Options) -> list[Source]:
    """What is served; else the pool if one is named, the queues, the default queue."""
    if options.deployments:
        return [Served(transport, options.deployments)]
    if options.pool is not None:
        return [Pool(transport, options.pool, options.queues)]
    return [
        ClassicQueue(transport, name) for name in options.queues or (DEFAULT_QUEUE,)
    ]


def open_ledger(options: Options) -> Ledger:
    """The ledger of the name asked for; without one, of the first free name."""
    folder = options.home / "agents"
    if options.name is not None:
        return Ledger(folder, options.name)
    what = options.pool or "-".join(options.queues) or DEFAULT_QUEUE
    base = "".join(c if c.isalnum() else "-" for c in f"{platform.node()}-{what}")
    for number in range(1, 1000):
        try:
            return Ledger(folder, base if number == 1 else f"{base}-{number}")
        except NameTaken:
            continue
    raise NameTaken(f"1000 agents named {base!r} are running here: use --name")
