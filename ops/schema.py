"""Which migrations the database has, and applying the missing ones under a lock."""

from __future__ import annotations

import contextlib
import pkgutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.sql import is_sqlite

Name = tuple[str, str]
LOCK_NUMBER = 0x4F52494F4E  # any constant: "ORION"
WAIT_SECONDS = 600.0


class TooNew(Exception):
    """The database has migrations that this code does not know."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Migrations that the database lacks, and those the code lacks."""

    missing: frozenset[Name]
    unknown: frozenset[Name]


def compare() -> Schema:
    """Compare the database with the code; one small query."""
    ours, applied = on_disk(), _applied()
    labels = {label for label, _ in ours if label.startswith("orion_")}
    unknown = {name for name in applied - ours if name[0] in labels}
    return Schema(frozenset(ours - applied), frozenset(unknown))


def bring_up_to_date(*, verbosity: int = 0) -> int:
    """Apply what is missing; how many migrations that were.

    Processes that start together wait for the first of them.

    Raises:
        TooNew: the database belongs to a newer version.
    """
    schema = _known()
    if not schema.missing:
        return 0
    with alone():
        schema = _known()  # somebody else may have been first
        if schema.missing:
            call_command("migrate", interactive=False, verbosity=verbosity)
    return len(schema.missing)


def rebuild() -> int:
    """Delete our tables with all they hold and make them anew; how many migrations."""
    with alone():
        with connection.cursor() as cursor:
            tables = _our_tables(cursor)
        with connection.schema_editor() as editor:
            for table in tables:
                names = {"table": editor.quote_name(table)}
                statement = editor.sql_delete_table % names
                editor.execute(statement)
        if is_sqlite():
            with connection.cursor() as cursor:
                cursor.execute("VACUUM")
        call_command("migrate", interactive=False, verbosity=0)
    return len(on_disk())


def database_name() -> str:
    """The database as a person knows it."""
    wanted = connection.settings_dict
    if is_sqlite():
        return str(wanted["NAME"])
    return f"database {wanted['NAME']} on {wanted['HOST'] or 'the local socket'}"


@cache
def on_disk() -> frozenset[Name]:
    """Every migration of the installed apps, by file name, without importing any."""
    return frozenset(
        (config.label, module.name)
        for config in apps.get_app_configs()
        for module in pkgutil.iter_modules([str(Path(config.path) / "migrations")])
        if not module.ispkg and module.name[0] not in "_~"
    )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Be the only process that changes this database's tables."""
    if is_sqlite():
        with _file_lock(Path(f"{connection.settings_dict['NAME']}.migrating")):
            yield
        return
    with connection.cursor() as cursor:
        wait = str(int(WAIT_SECONDS * 1000))
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [wait])
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_NUMBER])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_NUMBER])
        connection.close()  # forgets the long lock_timeout


def _known() -> Schema:
    schema = compare()
    if schema.unknown:
        label, name = max(schema.unknown, key=lambda item: item[1])
        raise TooNew(
            f"The database is newer than this version of Orion: it has the migration "
            f"{label}.{name}, which is not part of the code. Install the version that "
            "made it, or restore a backup from before."
        )
    return schema


def _our_tables(cursor: CursorWrapper) -> list[str]:
    """The tables of the installed apps, and those another version of Orion left."""
    known = {*connection.introspection.django_table_names(), "django_migrations"}
    return [
        table
        for table in connection.introspection.table_names(cursor)
        if table in known or table.startswith("orion_")
    ]


def _applied() -> set[Name]:
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}


@contextlib.contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """An exclusive lock on a file beside the database; the system drops it with us."""
    deadline = time.monotonic() + WAIT_SECONDS
    with path.open("a+b") as file:
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"Another process has been changing the database for "
                    f"{WAIT_SECONDS:.0f} s (lock file {path})."
                )
            time.sleep(0.05)
        yield


if sys.platform == "win32":  # pragma: no cover - the other system
    import msvcrt

    def _try_lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
