"""Frames of all sockets of a process, stored together in short transactions."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from django.db import Error

logger = logging.getLogger(__name__)

BATCH = 500  # frames stored at once
PAUSE = 0.01  # seconds that a lone frame waits for company
MOST = 5_000  # frames that may wait; then sockets are not read any further
RETRY = 1.0  # seconds until a failed batch is tried again

Store = Callable[[Sequence[str]], Awaitable[None]]


class Inlet:
    """Takes frames in order. What the database refuses now is tried again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[str] = deque()
        self._taken = 0
        self._stored = 0
        self._full = asyncio.Event()
        self._progress = asyncio.Condition()
        self._work: asyncio.Task[None] | None = None

    async def take(self, frame: str) -> int:
        """Take a frame; the number to give to `settled`."""
        if len(self._waiting) >= MOST:
            async with self._progress:
                await self._progress.wait_for(lambda: len(self._waiting) < MOST)
        self._waiting.append(frame)
        self._taken += 1
        if len(self._waiting) >= BATCH:
            self._full.set()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._empty())
        return self._taken

    async def settled(self, number: int) -> None:
        """Return once the frame with this number, and all before it, are stored."""
        async with self._progress:
            await self._progress.wait_for(lambda: self._stored >= number)

    async def _empty(self) -> None:
        while self._waiting:
            await self._gather()
            count = min(BATCH, len(self._waiting))
            batch = [self._waiting[index] for index in range(count)]
            await self._persist(batch)
            async with self._progress:
                for _ in batch:
                    self._waiting.popleft()
                self._stored += len(batch)
                self._progress.notify_all()

    async def _gather(self) -> None:
        self._full.clear()
        if len(self._waiting) < BATCH:
            try:
                async with asyncio.timeout(PAUSE):
                    await self._full.wait()
            except TimeoutError:
                return

    async def _persist(self, batch: Sequence[str]) -> None:
        while True:
            try:
                await self._store(batch)
            except Error:
                logger.warning(
                    "events wait for the database",
                    exc_info=True,
                    extra={"frames": len(self._waiting)},
                )
                await asyncio.sleep(RETRY)
            else:
                return
