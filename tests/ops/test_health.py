"""Whether the server can work, and what its loops did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection

from core.loops import Beat
from ops import health, schema
from ops import loops as ops_loops
from ops.models import LoopPulse

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def beat(name: str = "late-runs", **columns: object) -> Beat:
    return Beat(name, **{"ticked": NOW, "succeeded": NOW, **columns})


def test_a_migrated_database_is_ready():
    assert health.readiness() == health.Readiness("")


def test_a_missing_migration_is_a_reason(monkeypatch):
    more = schema.on_disk() | {("orion_runs", "0099_future")}
    monkeypatch.setattr(schema, "on_disk", lambda: more)

    found = health.readiness()

    assert not found.is_ready
    assert found.problem == "1 migrations are missing: run manage.py migrate"


def test_a_database_that_does_not_answer_is_a_reason():
    def refuse(*given: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        found = health.readiness()

    assert found.problem == "the database does not answer: OperationalError"


def test_loops_are_told_and_are_no_reason():
    failed = NOW + timedelta(seconds=5)
    ops_loops.store([beat(), beat("scheduler", ticked=failed, error="E: broken")])

    found = health.readiness()

    assert found.is_ready
    assert [(one.name, one.last_success, one.last_error) for one in found.loops] == [
        ("late-runs", NOW, ""),
        ("scheduler", NOW, "E: broken"),
    ]
    assert found.loops[1].last_tick == failed


def test_a_loop_is_as_well_as_its_best_process():
    ops_loops.store([beat(succeeded=NOW)])
    LoopPulse.objects.create(
        name="late-runs",
        process="elsewhere:1",
        last_tick=NOW + timedelta(seconds=9),
        last_success=None,
        last_error="E: broken",
    )

    (found,) = health.loops()

    assert (found.last_success, found.last_error) == (NOW, "E: broken")
    assert found.last_tick == NOW + timedelta(seconds=9)


def test_a_heartbeat_is_one_row_for_each_loop_in_a_process():
    ops_loops.store([beat()])
    later = NOW + timedelta(seconds=10)

    ops_loops.store([beat(ticked=later, error="E: broken", failed=later)])

    row = LoopPulse.objects.get()
    assert row.process == ops_loops.process_name()
    assert (row.last_tick, row.last_success) == (later, NOW)
    assert (row.last_error, row.last_error_at) == ("E: broken", later)


def test_heartbeats_of_processes_that_ended_are_forgotten():
    for name, age in (("old", timedelta(days=2)), ("new", timedelta(hours=2))):
        LoopPulse.objects.create(name=name, process="p:1", last_tick=NOW - age)

    assert ops_loops.ForgetProcesses().tick(NOW) is False

    assert [row.name for row in LoopPulse.objects.all()] == ["new"]
