"""Whether the server can work, and how its loops are doing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection

from core.loops import Beat, find_loops
from ops import health, schema
from ops import loops as ops_loops
from ops.health import Condition
from ops.models import LoopPulse

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_glance", None)


def beat(name: str = "late-runs", **columns: object) -> Beat:
    return Beat(name, **{"ticked": NOW, "succeeded": NOW, **columns})


def all_beat(at: datetime = NOW) -> None:
    """Every loop there is did its work."""
    names = [loop.name for loop in find_loops()]
    ops_loops.store([beat(name, ticked=at, succeeded=at) for name in names])


def of(name: str, at: datetime = NOW) -> health.LoopHealth:
    return next(loop for loop in health.loops(at) if loop.name == name)


def test_a_migrated_database_is_ready():
    assert health.readiness(NOW).is_ready


def test_a_missing_migration_is_a_reason(monkeypatch):
    more = schema.on_disk() | {("orion_runs", "0099_future")}
    monkeypatch.setattr(schema, "on_disk", lambda: more)

    found = health.readiness(NOW)

    assert not found.is_ready
    assert found.problem == "1 migrations are missing: run manage.py migrate"


def test_a_database_that_does_not_answer_is_a_reason():
    def refuse(*given: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        found = health.readiness(NOW)

    assert found.problem == "the database does not answer: OperationalError"


def test_loops_are_told_and_are_no_reason():
    failed = NOW + timedelta(seconds=5)
    error = beat("scheduler", ticked=failed, error="E: broken", failed=failed)
    ops_loops.store([beat(lag=timedelta(seconds=2)), error])

    found = health.readiness(failed)

    told = {loop.name: loop for loop in found.loops}
    assert found.is_ready
    assert sorted(told) == [loop.name for loop in find_loops()]
    assert told["late-runs"].last_success == NOW
    assert told["late-runs"].lag == timedelta(seconds=2)
    assert told["late-runs"].condition == Condition.WELL
    assert told["scheduler"].last_error == "E: broken"
    assert told["scheduler"].last_error_at == failed
    assert told["scheduler"].condition == Condition.FAILING


def test_a_loop_is_as_well_as_its_freshest_process():
    ops_loops.store([beat(succeeded=NOW)])
    LoopPulse.objects.create(
        name="late-runs",
        process="elsewhere:1",
        last_tick=NOW + timedelta(seconds=9),
        last_success=None,
        last_error="E: broken",
    )

    found = of("late-runs", NOW + timedelta(seconds=10))

    assert (found.last_success, found.last_error) == (NOW, "E: broken")
    assert found.last_tick == NOW + timedelta(seconds=9)
    assert found.processes == 2


@pytest.mark.parametrize(
    ("after", "condition"),
    [(timedelta(seconds=70), Condition.WELL), (timedelta(80), Condition.STANDING)],
    ids=["rests", "stands still"],
)
def test_a_loop_that_nobody_runs_stands_still(after: timedelta, condition: Condition):
    ops_loops.store([beat()])

    assert of("late-runs", NOW + after).condition == condition


def test_a_loop_that_never_ticked_is_new_only_for_a_while(monkeypatch):
    LoopPulse.objects.create(
        name="scheduler", process="p:1", started=NOW, last_tick=NOW
    )
    assert of("late-runs", NOW + timedelta(seconds=5)).condition == Condition.NEW

    later = NOW + timedelta(minutes=10)
    LoopPulse.objects.update(last_tick=later)

    assert of("late-runs", later).condition == Condition.STANDING


def test_a_loop_whose_work_waits_for_long_is_behind():
    ops_loops.store([beat(lag=timedelta(minutes=4))])

    assert of("late-runs").condition == Condition.BEHIND


def test_a_server_remembers_what_is_wrong_and_tells_when_it_changes():
    all_beat()
    assert not health.look(NOW)
    assert health.alarm(NOW) == ""
    later = NOW + timedelta(hours=5)
    all_beat(later)
    LoopPulse.objects.filter(name="late-runs").update(last_tick=NOW)

    assert health.look(later)

    assert health.alarm(later) == "late-runs stands still"
    assert not health.look(later)
    assert health.alarm(later + timedelta(minutes=5)) == (
        "this server's own loops stand still"
    )


def test_a_heartbeat_is_one_row_for_each_loop_in_a_process():
    ops_loops.store([beat()])
    later = NOW + timedelta(seconds=10)
    lag = timedelta(seconds=3)

    ops_loops.store([beat(ticked=later, error="E: broken", failed=later, lag=lag)])

    row = LoopPulse.objects.get()
    assert row.process == ops_loops.process_name()
    assert (row.last_tick, row.last_success) == (later, NOW)
    assert (row.last_error, row.last_error_at) == ("E: broken", later)
    assert row.lag == lag


def test_heartbeats_of_processes_that_ended_are_forgotten():
    for name, age in (("old", timedelta(days=2)), ("new", timedelta(hours=2))):
        LoopPulse.objects.create(name=name, process="p:1", last_tick=NOW - age)

    assert ops_loops.ForgetProcesses().tick(NOW) is False

    assert [row.name for row in LoopPulse.objects.all()] == ["new"]
