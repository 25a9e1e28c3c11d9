"""`ORION_DATABASE_URL` as Django's database settings."""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import tempfile
import time
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created

from core.conf import Conf
from core.conf import conf as chosen

BUSY_PAUSE = 0.02  # seconds
_FORMS = (
    "sqlite:///relative/path.db, sqlite:////absolute/path.db, sqlite://:memory: "
    "or postgresql://user:password@host:port/name"
)


def database(conf: Conf) -> dict[str, Any]:
    """The `DATABASES["default"]` entry for the configured address.

    Raises:
        ImproperlyConfigured: the address has a form we do not know.
    """
    url = conf.database_url
    if not url:
        conf.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _sqlite(conf.home / "orion.db", conf)
    if url.startswith("sqlite://:memory:"):
        return _sqlite(_fleeting(), conf)
    if url.startswith("sqlite:///"):
        path = Path(unquote(url.removeprefix("sqlite:///")))
        path.parent.mkdir(parents=True, exist_ok=True)
        return _sqlite(path.absolute(), conf)
    if url.startswith(("postgresql://", "postgres://")):
        return _postgres(url)
    raise ImproperlyConfigured(
        f"ORION_DATABASE_URL is {url.split('://')[0]}://…; wanted {_FORMS}"
    )


def _sqlite(path: Path, conf: Conf) -> dict[str, Any]:
    pragmas = (
        f"PRAGMA synchronous = {conf.sqlite_synchronous}",
        "PRAGMA cache_size = -16000",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA mmap_size = 134217728",
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": conf.sqlite_loop_wait,
            "init_command": ";".join(pragmas),
        },
    }


def use_wal(connection: Any, **_: Any) -> None:
    """Put a SQLite file into WAL mode, where it stays.

    SQLite does not wait for others while the mode changes: processes that open a new
    file together try again.
    """
    if connection.vendor != "sqlite":
        return
    gives_up = time.monotonic() + chosen.sqlite_loop_wait
    while True:
        try:
            connection.connection.execute("PRAGMA journal_mode = WAL").fetchall()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > gives_up:
                raise
            time.sleep(BUSY_PAUSE)


def read_times_fast(connection: Any, **_: Any) -> None:
    """Let psycopg's own code read times: the session is in UTC, as Django wants them.

    Django's reader converts the zone in Python, for every time of every row.
    """
    if connection.vendor == "postgresql":
        connection.connection.adapters.register_loader("timestamptz", _utc_reader())


@cache
def _utc_reader() -> Any:
    """The driver's reader, with the mark that Django looks for."""
    import psycopg

    kind = psycopg.adapters.types["timestamptz"].oid
    reader: Any = psycopg.adapters.get_loader(kind, psycopg.pq.Format.TEXT)

    class UtcReader(psycopg.adapt.Loader):
        timezone = UTC

        def __init__(self, oid: int, context: Any = None) -> None:
            super().__init__(oid, context)
            self.load = reader(oid, context).load  # type: ignore[method-assign]

        def load(self, data: Any) -> Any:
            """Replaced by the driver's own in each instance."""
            raise NotImplementedError

    return UtcReader


connection_created.connect(use_wal, dispatch_uid="wal")
connection_created.connect(read_times_fast, dispatch_uid="times")


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    options.setdefault("connect_timeout", 5)
    options.setdefault("application_name", "orion")
    options.setdefault("options", "-c lock_timeout=5000")
    options["server_side_binding"] = True
    options["prepare_threshold"] = 2
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": options,
    }


def _fleeting() -> Path:
    """A file that is gone at exit, in RAM where the system has such a folder.

    Children of this process find it through the environment.
    """
    known = os.environ.get("ORION_FLEETING_DATABASE")
    if known:
        return Path(known)
    ram = Path("/dev/shm")  # noqa: S108 - a RAM disk, not a predictable file name
    folder = tempfile.mkdtemp(prefix="orion-", dir=ram if ram.is_dir() else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "orion.db"
    os.environ["ORION_FLEETING_DATABASE"] = str(path)
    return path
