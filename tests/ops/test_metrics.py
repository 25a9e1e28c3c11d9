"""What Prometheus reads, with the official parser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from core.actor import OWNER
from core.clock import now
from core.loops import Beat
from core.sql import is_sqlite
from ops import loops as ops_loops
from ops import metrics, transitions
from runs.orchestration.engine import propose_flow_run
from runs.orchestration.transition import Proposal
from tests import factories as make

pytestmark = pytest.mark.django_db

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scraped() -> Samples:
    """Each sample under its name and labels."""
    text = generate_latest(metrics.registry(now())).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, tuple(sorted(labels.items()))))


def test_queues_tell_their_depth_and_lateness():
    pool = make.work_pool(name="gpu")
    queue = make.work_queue(pool, name="fast")
    make.flow_run(make.late(timedelta(minutes=5)), work_queue=queue)
    make.flow_run(make.scheduled(now() - timedelta(seconds=5)), work_queue=queue)
    make.flow_run(make.scheduled(now() + timedelta(hours=1)), work_queue=queue)
    make.flow_run(make.running(), work_queue=queue)
    make.flow_run(make.completed(), work_queue=queue)

    found = scraped()

    place = {"work_pool": "gpu", "work_queue": "fast"}
    assert value(found, "orion_work_queue_due_runs", **place) == 2
    assert value(found, "orion_work_queue_late_runs", **place) == 1
    assert value(found, "orion_work_queue_busy_runs", **place) == 1
    lateness = value(found, "orion_work_queue_lateness_seconds", **place)
    assert lateness == pytest.approx(300, abs=30)
    assert value(found, "orion_flow_runs_open", state_type="SCHEDULED") == 3
    assert value(found, "orion_flow_runs_open", state_type="RUNNING") == 1


def test_loops_tell_when_they_succeeded_and_how_far_behind_they_are():
    at = now()
    ops_loops.store([Beat("late-runs", at, at, lag=timedelta(seconds=7))])

    found = scraped()

    told = value(found, "orion_loop_last_success_timestamp_seconds", loop="late-runs")
    assert told == pytest.approx(at.timestamp(), abs=1)
    assert value(found, "orion_loop_lag_seconds", loop="late-runs") == 7
    assert value(found, "orion_loop_well", loop="late-runs") == 1


def test_workers_claims_and_the_process_are_told():
    pool = make.work_pool(name="gpu")
    make.worker(pool)
    make.worker(pool, last_heartbeat=now() - timedelta(hours=1))
    make.agent(work_pool="gpu")
    for minutes in (-1, 5):
        make.flow_run(make.pending(), claim_expires=now() + timedelta(minutes=minutes))

    found = scraped()

    online = "orion_workers_online"
    assert value(found, online, kind="worker", work_pool="gpu") == 1
    assert value(found, online, kind="agent", work_pool="gpu") == 1
    assert value(found, "orion_claims") == 2
    assert value(found, "orion_claims_expired") == 1
    assert (value(found, "orion_database_size_bytes") or 0) > 0
    assert (value(found, "process_resident_memory_bytes") or 0) > 1e7


def counted() -> dict[tuple[str, str], int]:
    """Counted by two ticks in a row, as time passes."""
    at = now()
    for seconds in (0, 10, 20):
        transitions.count(at + timedelta(seconds=seconds), most=1000)
    return transitions.totals()


def test_transitions_are_counted_once_however_many_processes_count():
    counted()
    run = make.flow_run(make.scheduled())
    for type in ("PENDING", "RUNNING", "COMPLETED"):
        propose_flow_run(run.pk, Proposal(type, type.capitalize()), actor=OWNER)

    first, again = counted(), counted()

    assert first == again
    assert first == {
        ("flow_run", "PENDING"): 1,
        ("flow_run", "RUNNING"): 1,
        ("flow_run", "COMPLETED"): 1,
    }
    name = "orion_transitions_total"
    assert value(scraped(), name, kind="flow_run", state_type="RUNNING") == 1


def test_many_transitions_are_counted_in_batches():
    counted()
    for _ in range(5):
        run = make.flow_run(make.scheduled())
        propose_flow_run(run.pk, Proposal("PENDING", "Pending"), actor=OWNER)
    at = now() + timedelta(minutes=1)

    transitions.count(at, most=2)
    later = at + timedelta(seconds=10)
    more = [transitions.count(later, most=2) for _ in range(4)]

    assert more[0] is True
    assert more[-1] is False
    assert transitions.totals() == {("flow_run", "PENDING"): 5}


def test_what_is_new_since_a_moment_ago_is_not_counted_yet():
    counted()
    run = make.flow_run(make.scheduled())
    propose_flow_run(run.pk, Proposal("PENDING", "Pending"), actor=OWNER)
    at = now() + timedelta(minutes=1)

    transitions.count(at, most=100)
    transitions.count(at + timedelta(seconds=1), most=100)
    assert transitions.totals() == {}

    transitions.count(at + timedelta(seconds=10), most=100)
    assert transitions.totals() == {("flow_run", "PENDING"): 1}


def test_a_scrape_takes_as_many_statements_with_many_rows():
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            scraped()
        return len(seen)

    few = statements()
    for _ in range(20):
        pool = make.work_pool()
        make.worker(pool)
        make.flow_run(make.late(), work_queue=pool.default_queue)

    assert statements() == few
    assert few <= 12


@pytest.mark.parametrize("sql", [metrics._OPEN, metrics._DUE, metrics._CLAIMS])
def test_runs_are_counted_by_their_partial_indexes(sql: str):
    if not is_sqlite():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    values = ["2026-01-01", 10] if sql.count("%s") == 2 else [10]
    explain = "EXPLAIN QUERY PLAN" if is_sqlite() else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", values)
        plan = "\n".join(str(row) for row in cursor.fetchall())

    assert "orion_flow_run_" in plan


def test_the_address_answers_with_a_text_that_is_some_seconds_old(client, monkeypatch):
    monkeypatch.setattr(metrics, "_kept", None)

    first = client.get("/metrics")
    with CaptureQueriesContext(connection) as seen:
        again = client.get("/metrics")

    assert first.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert again.content == first.content
    assert len(seen) == 0
    families = {f.name for f in text_string_to_metric_families(first.content.decode())}
    assert {"orion_transitions", "orion_loop_well", "orion_flow_runs_open"} <= families
    assert client.post("/metrics").status_code == 405
