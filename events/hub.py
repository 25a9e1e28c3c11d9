"""“Something changed”: one hub per process wakes whoever watches.

Hints name topics (`runs`, `run:<id>`, `logs:<id>`, …), may be lost, and nothing depends
on them: who is woken reads the rows again. Between processes PostgreSQL carries them by
NOTIFY; on SQLite a change of the file's `data_version` makes the hub read the feed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import connection

from core.sql import is_sqlite

logger = logging.getLogger(__name__)

CHANNEL = "orion"
EVENTS = "events"  # the topic of whoever reads the whole feed
_FLUSH = 0.05  # seconds in which hints to other processes are merged
_POLL = 0.1  # seconds between looks at SQLite's data_version
_LINGER = 5.0  # seconds a thread waits for more before it ends
_PAYLOAD = 7500  # bytes of one NOTIFY, below PostgreSQL's 8000


class Subscription:
    """The topics one socket watches; lives on that socket's event loop."""

    def __init__(self, hub: Hub, topics: Iterable[str]) -> None:
        self.topics = frozenset(topics)
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._changed: set[str] = set()
        self._wake = asyncio.Event()

    async def next(self) -> set[str]:
        """The topics that changed since the last call; waits until there is one."""
        await self._wake.wait()
        self._wake.clear()
        changed, self._changed = self._changed, set()
        return changed

    def close(self) -> None:
        """Stop watching."""
        self._hub.leave(self)

    def deliver(self, topics: set[str]) -> None:
        """Called from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._add, topics)
        except RuntimeError:  # the loop has gone, and the socket with it
            self.close()

    def _add(self, topics: set[str]) -> None:
        self._changed |= topics
        self._wake.set()


class Hub:
    """Hints in, wake-ups out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: dict[str, set[Subscription]] = defaultdict(set)
        self._outgoing: set[str] = set()
        self._has_outgoing = threading.Event()
        self._threads: set[str] = set()
        self.is_listening = threading.Event()  # to what other processes change

    def hint(self, topics: Iterable[str]) -> None:
        """Tell this process's watchers, and on PostgreSQL the other processes.

        Whoever reads the feed is told of every hint.
        """
        named = {EVENTS, *(topic for topic in topics if topic)}
        self.deliver(named)
        if is_sqlite():
            return
        with self._lock:
            self._outgoing |= named
        self._has_outgoing.set()
        self._start("hub-notify", self._notify)

    def subscribe(self, topics: Iterable[str]) -> Subscription:
        """Watch topics; called on an event loop."""
        subscription = Subscription(self, topics)
        with self._lock:
            for topic in subscription.topics:
                self._watchers[topic].add(subscription)
        if is_sqlite():
            self._start("hub-poll", self._poll)
        else:
            self._start("hub-listen", self._listen)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Forget a subscription."""
        with self._lock:
            for topic in subscription.topics:
                self._watchers[topic].discard(subscription)
                if not self._watchers[topic]:
                    del self._watchers[topic]

    def deliver(self, topics: set[str]) -> None:
        """Wake this process's watchers of the topics."""
        if not self._watchers:
            return
        woken: dict[Subscription, set[str]] = defaultdict(set)
        with self._lock:
            for topic in topics:
                for subscription in self._watchers.get(topic, ()):
                    woken[subscription].add(topic)
        for subscription, changed in woken.items():
            subscription.deliver(changed)

    @property
    def watched(self) -> int:
        """How many topics somebody watches."""
        return len(self._watchers)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        """Start a thread unless it runs; it ends when there is nothing to do."""
        if name in self._threads:
            return
        with self._lock:
            if name in self._threads:
                return
            self._threads.add(name)
        thread = threading.Thread(
            target=self._run, args=(name, work), name=name, daemon=True
        )
        thread.start()

    def _run(self, name: str, work: Callable[[], None]) -> None:
        while True:
            try:
                work()
            except Exception as error:
                logger.warning("the hub lost its connection: %s", error)
                connection.close()
                time.sleep(1)
            with self._lock:
                if not self._watchers and not self._has_outgoing.is_set():
                    self._threads.discard(name)
                    self.is_listening.clear()
                    break
        connection.close()

    def _notify(self) -> None:
        while self._has_outgoing.wait(_LINGER):
            time.sleep(_FLUSH)
            with self._lock:
                topics, self._outgoing = self._outgoing, set()
                self._has_outgoing.clear()
            with connection.cursor() as cursor:
                for payload in payloads(topics):
                    cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])

    def _listen(self) -> None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        self.is_listening.set()
        while self._watchers:
            for notice in connection.connection.notifies(timeout=_LINGER):
                self.deliver(set(notice.payload.split()))

    def _poll(self) -> None:
        version, seen = _data_version(), _newest()
        self.is_listening.set()
        while self._watchers:
            time.sleep(_POLL)
            changed = _data_version()
            if changed == version:
                continue
            version = changed
            topics, seen = _topics_since(seen)
            self.deliver(topics)


def payloads(topics: set[str]) -> list[str]:
    """The topics as texts short enough for NOTIFY."""
    texts, line = [], ""
    for topic in sorted(topics):
        if len(line) + len(topic) + 1 > _PAYLOAD:
            texts.append(line)
            line = ""
        line = f"{line} {topic}" if line else topic
    return [*texts, line] if line else texts


def topics_of(resource_id: str, flow_run_id: UUID | None) -> set[str]:
    """The topics that an event on a resource is about."""
    kind, _, id = resource_id.removeprefix("prefect.").partition(".")
    if kind == "flow-run":
        return {"runs", f"run:{id}"}
    if kind == "task-run":
        return {f"task-run:{id}", f"run:{flow_run_id}"}
    return {f"{kind.replace('-', '_')}s"}


def _data_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


def _newest() -> int:
    from events.models import Event

    return Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def _topics_since(seq: int) -> tuple[set[str], int]:
    from events.models import Event

    rows = Event.objects.filter(seq__gt=seq).order_by("seq")
    topics: set[str] = set()
    for number, resource_id, flow_run_id in rows.values_list(
        "seq", "resource_id", "flow_run_id"
    )[:2000]:
        topics |= {EVENTS, *topics_of(resource_id, flow_run_id)}
        seq = number
    return topics, seq


hub = Hub()


def hint(*topics: str) -> None:
    """Tell everybody who watches one of the topics that it changed."""
    hub.hint(topics)


def subscribe(topics: Iterable[str]) -> Subscription:
    """Watch topics from an event loop."""
    return hub.subscribe(topics)
