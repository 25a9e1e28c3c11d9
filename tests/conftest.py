"""The chosen database, the real server, the browser; factories are in `factories`."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support import browser as browsing
from tests.support import database
from tests.support.lacking import lacking
from tests.support.server import Server
from tests.support.template import Template

# Where a shell put the tests in the background, SIGINT is ignored, and every program
# they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Django reads its settings now, not before: they name the database and the home folder.
HOME = tempfile.TemporaryDirectory(prefix="orion-tests-")
os.environ["ORION_HOME"] = HOME.name
DATABASE_URL = database.choose()
ON_POSTGRES = os.environ["ORION_TEST_DB"] == "postgres"

import django  # noqa: E402 - after the choice above

django.setup()

ON_DATABASE = {"db", "transactional_db", "template"}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("orion")
    group.addoption("--db", choices=database.KINDS, help="the database to test on")
    group.addoption("--long", action="store_true", help="the full numbers")


def pytest_report_header() -> str:
    return f"database: {os.environ['ORION_TEST_DB']} ({DATABASE_URL or 'none found'})"


def uses_database(item: pytest.Item) -> bool:
    """Whether the answer of a test may depend on the database."""
    return bool(
        ON_DATABASE & set(getattr(item, "fixturenames", ()))
        or item.get_closest_marker("django_db")
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """The run on PostgreSQL is for what uses a database; the rest has been shown."""
    rest = [item for item in items if not belongs_here(item)]
    items[:] = [item for item in items if belongs_here(item)]
    config.hook.pytest_deselected(items=rest)


def belongs_here(item: pytest.Item) -> bool:
    """Whether this run's database can tell something about a test."""
    if ON_POSTGRES:
        return uses_database(item)
    return item.get_closest_marker("postgres_only") is None


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A selection without database tests has nothing left to run on PostgreSQL."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and ON_POSTGRES:
        session.exitstatus = pytest.ExitCode.OK


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if DATABASE_URL is None and uses_database(item):
        lacking("postgres", "no ORION_TEST_PG_URL, no initdb and no packaged one")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, as in life: threads and processes meet at its lock."""
    from django.db import connections

    if not ON_POSTGRES:
        file = tmp_path_factory.mktemp("database") / "tests.db"
        connections["default"].settings_dict["TEST"]["NAME"] = str(file)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Threads that notify or listen let go of the database before it is dropped."""
    yield
    if not ON_POSTGRES:
        return
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def workspace(request: pytest.FixtureRequest) -> None:
    """Tests that empty the database afterwards take the first workspace with them."""
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (
        marker and marker.kwargs.get("transaction")
    ):
        from accounts.models import Workspace

        request.getfixturevalue("transactional_db")
        Workspace.objects.get_or_create(
            pk=1, defaults={"slug": "default", "name": "Default"}
        )


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether the full numbers were asked for."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A migrated, empty database to copy."""
    postgres = DATABASE_URL if ON_POSTGRES else None
    made = Template(tmp_path_factory.mktemp("template"), postgres)
    yield made
    made.remove()


@pytest.fixture(scope="module")
def database_url(template: Template) -> Iterator[str]:
    """A database for one module of tests with real processes."""
    with template.copy() as url:
        yield url


@pytest.fixture(scope="module")
def server(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The real server, without an agent, for one module of tests."""
    running = Server(tmp_path_factory.mktemp("home"), database_url)
    with ExitStack() as stack:
        stack.callback(running.close)
        running.start()
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[browsing.Chromium]:
    """One browser process for a module; tests use `browser`."""
    executable = browsing.program()
    if executable is None:
        lacking("browser", "install chromium or set ORION_TEST_BROWSER")
    with browsing.chromium(executable) as running:
        yield running


@pytest.fixture
def browser(chromium: browsing.Chromium, server: Server) -> Iterator[browsing.Browser]:
    """Opens pages of `server`; what the console or the CSP reports is a failure."""
    watched = browsing.Browser(chromium, server.url)
    yield watched
    watched.close()
    assert watched.problems == []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder
