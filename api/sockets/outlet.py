"""Tells the events of the feed to the sockets of a process: read once, sent to many."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Collection
from typing import Any

import orjson
from django.db import Error

from core.executor import in_thread
from events import feed, hub
from events.feed import BATCH, Feed, Heading
from events.hub import EVENTS
from events.matching import Wanted
from runs.telling import told

logger = logging.getLogger(__name__)

MOST = 1000  # events that wait for one client; then newer ones are dropped
_MERGE = 0.03  # seconds in which changes are read together
_LOOK = 5.0  # seconds after which the feed is read without a hint: these may be lost
_RETRY = 1.0  # seconds until the feed is read again after the database refused


class Listener:
    """One socket's filter, and the events on their way to it."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.dropped = 0
        self._waiting: deque[tuple[Any, str]] = deque()
        self._filled = asyncio.Event()

    def offer(self, event: dict[str, Any], frame: str) -> None:
        """Queue an event if it is wanted, and if there is room."""
        if not self.wanted.match(event):
            return
        if len(self._waiting) >= MOST:
            if not self.dropped:
                logger.warning("a client reads events too slowly; some are dropped")
            self.dropped += 1
            return
        self._waiting.append((event["id"], frame))
        self._filled.set()

    async def next(self) -> tuple[Any, str]:
        """The id and the frame of the next event."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.popleft()


class Outlet:
    """Reads the feed while anybody listens."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._work: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def join(self, listener: Listener) -> None:
        """Tell the listener every event that appears from now on."""
        self._listeners.add(listener)
        if self._work is None or self._work.done():
            self._ready.clear()
            self._work = asyncio.create_task(self._tell())
        await self._ready.wait()

    def leave(self, listener: Listener) -> None:
        """Tell it no more; the last one ends the reading."""
        self._listeners.discard(listener)
        if not self._listeners and self._work is not None:
            self._work.cancel()
            self._work = None

    async def _tell(self) -> None:
        place = Feed()
        subscription = hub.subscribe([EVENTS])
        try:
            while True:
                try:
                    await self._read_on(place)
                except Error:
                    logger.warning("events wait for the database", exc_info=True)
                    await asyncio.sleep(_RETRY)
                else:
                    await _change(subscription)
        finally:
            subscription.close()

    async def _read_on(self, place: Feed) -> None:
        if not self._ready.is_set():
            await in_thread(place.begin, time.monotonic())
            self._ready.set()
            return
        while True:
            found = await in_thread(place.read, time.monotonic())
            wanted = [one.seq for one in found if self._is_wanted(one)]
            for event, frame in await in_thread(_frames, wanted) if wanted else ():
                for listener in list(self._listeners):
                    if listener.wanted.match_row(event["event"], event["occurred"]):
                        listener.offer(event, frame)
            if len(found) < BATCH:
                return

    def _is_wanted(self, one: Heading) -> bool:
        return any(
            listener.wanted.match_row(one.name, one.occurred)
            for listener in self._listeners
        )


def frame(event: dict[str, Any]) -> str:
    """An event as a frame."""
    content = {"type": "event", "event": event}
    return orjson.dumps(content, option=orjson.OPT_UTC_Z).decode()


def _frames(numbers: Collection[int]) -> list[tuple[dict[str, Any], str]]:
    return [(event, frame(event)) for event in told(feed.rows(numbers))]


async def _change(subscription: hub.Subscription) -> None:
    try:
        async with asyncio.timeout(_LOOK):
            await subscription.next()
    except TimeoutError:
        return
    await asyncio.sleep(_MERGE)
