"""Which database this run of the tests uses, chosen before Django is set up."""

from __future__ import annotations

import atexit
import os
import signal
import sys

from tests.support.postgres import new_cluster

KINDS = ("sqlite", "postgres")


def asked_for(arguments: list[str]) -> str:
    """The value of `--db`, else of `ORION_TEST_DB`, else SQLite."""
    kind = os.environ.get("ORION_TEST_DB", "sqlite")
    for index, argument in enumerate(arguments):
        if argument == "--db" and index + 1 < len(arguments):
            kind = arguments[index + 1]
        elif argument.startswith("--db="):
            kind = argument.removeprefix("--db=")
    return kind if kind in KINDS else "sqlite"  # pytest refuses other values itself


def choose() -> str | None:
    """Set the environment for Django; the address, or nothing when there is no server.

    Worker processes of pytest-xdist inherit the environment, so they share one cluster.
    """
    kind = os.environ["ORION_TEST_DB"] = asked_for(sys.argv)
    os.environ["DJANGO_SETTINGS_MODULE"] = "orion_site.settings.test"
    if kind == "sqlite":
        os.environ["ORION_DATABASE_URL"] = "sqlite://:memory:"
        return os.environ["ORION_DATABASE_URL"]
    url = os.environ.get("ORION_TEST_PG_URL")
    if not url and (cluster := new_cluster()):
        atexit.register(cluster.remove)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it runs
        url = os.environ["ORION_TEST_PG_URL"] = cluster.url("postgres")
    os.environ["ORION_DATABASE_URL"] = url or "sqlite://:memory:"
    return url
