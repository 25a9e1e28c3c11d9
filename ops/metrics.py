"""What Prometheus scrapes: numbers of the database and of this process.

All that is counted is bounded: partial indexes, and at most so many rows of each. The
text is kept for some seconds, so that many scrapers cost no more than one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.clock import now as clock_now
from core.sql import is_sqlite, time_in, time_out, uuid_out
from ops import health, transitions
from work_pools.health import is_online
from work_pools.models import Agent, Waiting, Worker, WorkQueue

KEPT = 5.0  # seconds
MOST = 100_000  # rows counted of one kind; a number that high means "at least"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# The conditions are those of the indexes, letter by letter: SQLite proves nothing.
_OPEN = (
    "SELECT state_type, work_queue_id, COUNT(*) FROM (SELECT state_type, work_queue_id "
    "FROM orion_runs_flowrun WHERE NOT (state_type IN ('CANCELLED', 'COMPLETED', "
    "'CRASHED', 'FAILED') AND state_type IS NOT NULL) LIMIT %s) AS part "
    "GROUP BY state_type, work_queue_id"
)
_DUE = (
    "SELECT work_queue_id, COUNT(*), MIN(at), SUM(CASE WHEN state_name = 'Late' THEN 1 "
    "ELSE 0 END) FROM (SELECT work_queue_id, next_scheduled_start_time AS at, "
    "state_name FROM orion_runs_flowrun WHERE state_type = 'SCHEDULED' AND "
    "next_scheduled_start_time <= %s ORDER BY next_scheduled_start_time LIMIT %s) "
    "AS part GROUP BY work_queue_id"
)
_CLAIMS = (
    "SELECT COUNT(*), SUM(CASE WHEN claim_expires < %s THEN 1 ELSE 0 END) FROM (SELECT "
    "claim_expires FROM orion_runs_flowrun WHERE claim_expires IS NOT NULL LIMIT %s) "
    "AS part"
)


class Database(Collector):
    """Reads everything anew at each collection."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """All families."""
        names = _queue_names()
        yield from self._open(names)
        yield from self._due(names)
        yield from self._claims()
        yield from self._waiting()
        yield from self._hands()
        yield from self._loops()
        yield _transitions()
        yield gauge(
            "orion_database_size_bytes",
            "Bytes of the database.",
            [((), database_size())],
        )

    def _open(self, names: dict[Any, tuple[str, str]]) -> Iterator[Metric]:
        by_type: dict[str, int] = {}
        busy: dict[tuple[str, str], int] = {}
        for type, queue, number in _rows(_OPEN, [MOST]):
            by_type[type or "NONE"] = by_type.get(type or "NONE", 0) + number
            if type in {"PENDING", "RUNNING"}:
                place = names.get(uuid_out(queue), ("", ""))
                busy[place] = busy.get(place, 0) + number
        yield gauge(
            "orion_flow_runs_open",
            "Flow runs that have not ended, by the type of their state.",
            [((type,), n) for type, n in by_type.items()],
            labels=["state_type"],
        )
        yield gauge(
            "orion_work_queue_busy_runs",
            "Runs that hold a slot of a work queue: pending or running.",
            busy.items(),
            labels=["work_pool", "work_queue"],
        )

    def _due(self, names: dict[Any, tuple[str, str]]) -> Iterator[Metric]:
        due, late, waited = [], [], []
        for queue, number, oldest, named_late in _rows(_DUE, [time_in(self.now), MOST]):
            place = names.get(uuid_out(queue), ("", ""))
            since = time_out(oldest)
            due.append((place, number))
            late.append((place, named_late))
            if since is not None:
                waited.append((place, max(0.0, (self.now - since).total_seconds())))
        labels = ["work_pool", "work_queue"]
        depth = "Runs that are due and not handed out, by work queue."
        yield gauge("orion_work_queue_due_runs", depth, due, labels=labels)
        told = "Those of the due runs that are named Late."
        yield gauge("orion_work_queue_late_runs", told, late, labels=labels)
        lateness = "Seconds since the oldest due run of a work queue was due."
        yield gauge(
            "orion_work_queue_lateness_seconds", lateness, waited, labels=labels
        )

    def _claims(self) -> Iterator[Metric]:
        ((held, expired),) = _rows(_CLAIMS, [time_in(self.now), MOST])
        yield gauge("orion_claims", "Claims on runs that are held.", [((), held)])
        said = "Claims that ran out and were not given back yet."
        yield gauge("orion_claims_expired", said, [((), expired or 0)])

    def _waiting(self) -> Iterator[Metric]:
        rows = Waiting.objects.order_by().values_list("kind").annotate(Count("pk"))
        yield gauge(
            "orion_waiting_runs",
            "Due runs by the kind of what is in their way.",
            [((kind,), number) for kind, number in rows],
            labels=["reason"],
        )

    def _hands(self) -> Iterator[Metric]:
        online: dict[tuple[str, str], int] = {}
        for worker in Worker.objects.select_related("pool").only(
            "last_heartbeat", "heartbeat_interval_seconds", "pool__name"
        ):
            place = ("worker", worker.pool.name)
            online[place] = online.get(place, 0) + is_online(worker, self.now)
        for agent in Agent.objects.all():
            place = ("agent", agent.work_pool or "")
            online[place] = online.get(place, 0) + is_online(agent, self.now)
        yield gauge(
            "orion_workers_online",
            "Workers and agents that were heard of within three of their intervals.",
            online.items(),
            labels=["kind", "work_pool"],
        )

    def _loops(self) -> Iterator[Metric]:
        found = health.loops(self.now)
        labels = ["loop"]
        yield gauge(
            "orion_loop_last_success_timestamp_seconds",
            "When a loop last ended a tick well, in whichever process.",
            [((o.name,), o.last_success.timestamp()) for o in found if o.last_success],
            labels=labels,
        )
        yield gauge(
            "orion_loop_lag_seconds",
            "How long the oldest due work of a loop had waited at its last tick.",
            [
                ((one.name,), one.lag.total_seconds())
                for one in found
                if one.lag is not None
            ],
            labels=labels,
        )
        yield gauge(
            "orion_loop_well",
            "1 for a loop that nobody has to look at, 0 for one that stands still, "
            "fails or is behind.",
            [((one.name,), int(one.is_fine)) for one in found],
            labels=labels,
        )


def gauge(
    name: str,
    told: str,
    values: Iterable[tuple[tuple[str, ...], float]],
    *,
    labels: Iterable[str] = (),
) -> GaugeMetricFamily:
    """A family of values that go up and down."""
    family = GaugeMetricFamily(name, told, labels=list(labels))
    for place, value in values:
        family.add_metric(place, value)
    return family


_lock = threading.Lock()
_kept: tuple[float, bytes] | None = None


def exposition() -> bytes:
    """The text format; at most some seconds old."""
    global _kept
    with _lock:
        if _kept is None or time.monotonic() - _kept[0] > KEPT:
            _kept = (time.monotonic(), generate_latest(registry(clock_now())))
        return _kept[1]


def registry(now: datetime) -> CollectorRegistry:
    """The collectors: the database, and this process with its memory."""
    found = CollectorRegistry()
    found.register(Database(now))
    ProcessCollector(registry=found)
    return found


def _transitions() -> CounterMetricFamily:
    family = CounterMetricFamily(
        "orion_transitions",
        "Transitions of runs by the type of the state they came to, of all processes "
        "together, counted from the feed of events.",
        labels=["kind", "state_type"],
    )
    for place, number in transitions.totals().items():
        family.add_metric(place, number)
    return family


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _queue_names() -> dict[Any, tuple[str, str]]:
    rows = WorkQueue.objects.values_list("pk", "pool__name", "name")
    return {id: (pool, queue) for id, pool, queue in rows}


def database_size() -> int:
    """Bytes of the database; of SQLite's file and its log."""
    if not is_sqlite():
        ((size,),) = _rows("SELECT pg_database_size(current_database())", [])
        return int(size)
    file = Path(str(settings.DATABASES["default"]["NAME"]))
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())
