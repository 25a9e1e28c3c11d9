"""Migrations: which are missing, which are unknown, one process at a time."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from ops import schema

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def recorder():
    """What the database says was applied; put back afterwards."""
    recorder = MigrationRecorder(connection)
    before = set(recorder.applied_migrations())
    yield recorder
    now = set(recorder.applied_migrations())
    for name in before - now:
        recorder.record_applied(*name)
    for name in now - before:
        recorder.record_unapplied(*name)


def test_files_and_database_agree():
    assert schema.compare() == schema.Schema(frozenset(), frozenset())
    assert schema.bring_up_to_date() == 0


def test_the_list_is_djangos_own():
    from django.db.migrations.loader import MigrationLoader

    assert schema.on_disk() == set(MigrationLoader(connection).disk_migrations)


def test_a_missing_migration_is_found(recorder):
    recorder.record_unapplied("orion_ops", "0001_initial")

    assert schema.compare().missing == {("orion_ops", "0001_initial")}


def test_a_newer_database_is_refused(recorder):
    recorder.record_applied("orion_runs", "0099_future")

    with pytest.raises(schema.TooNew, match=r"orion_runs\.0099_future"):
        schema.bring_up_to_date()


def test_migrations_of_apps_that_are_not_ours_are_nobodys_business(recorder):
    recorder.record_applied("somebody_else", "0099_future")

    assert schema.compare().unknown == frozenset()


def test_one_at_a_time():
    inside = 0
    overlaps = []

    def change() -> None:
        nonlocal inside
        try:
            with schema.alone():
                inside += 1
                overlaps.append(inside)
                inside -= 1
        finally:
            connection.close()

    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert overlaps == [1, 1, 1, 1]
