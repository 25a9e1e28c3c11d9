"""`ORION_DATABASE_URL` in all its forms."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.conf import Conf
from orion_site.database import database
from tests.support.server import ROOT


def settings_for(url: str, home: Path) -> dict[str, object]:
    return database(Conf(database_url=url, home=home))


def test_without_an_address_it_is_a_file_in_a_private_home(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"

    found = settings_for("", home)

    assert found["NAME"] == str(home / "orion.db")
    assert home.stat().st_mode & 0o777 == 0o700


def test_three_slashes_are_relative_and_four_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    relative = settings_for("sqlite:///data/my.db", tmp_path)
    absolute = settings_for(f"sqlite:///{tmp_path}/x%20y.db", tmp_path)

    assert relative["NAME"] == str(tmp_path / "data" / "my.db")
    assert absolute["NAME"] == f"{tmp_path}/x y.db"


def test_sqlite_takes_the_write_lock_at_once(tmp_path: Path) -> None:
    options = settings_for("", tmp_path)["OPTIONS"]

    assert isinstance(options, dict)
    assert options["transaction_mode"] == "IMMEDIATE"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_postgres_addresses_are_taken_apart(scheme: str, tmp_path: Path) -> None:
    found = settings_for(f"{scheme}://me:p%40ss@db:5433/or?sslmode=require", tmp_path)

    assert found["ENGINE"] == "django.db.backends.postgresql"
    wanted = {
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "5433",
        "NAME": "or",
    }
    assert {key: found[key] for key in wanted} == wanted
    options = found["OPTIONS"]
    assert isinstance(options, dict)
    assert options["sslmode"] == "require"


@pytest.mark.parametrize("url", ["mysql://u:secret@h/x", "orion.db", "sqlite:orion.db"])
def test_other_forms_are_refused_without_showing_secrets(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(ImproperlyConfigured, match="wanted sqlite") as refusal:
        settings_for(url, tmp_path)

    assert "secret" not in str(refusal.value)


def test_processes_that_open_a_new_file_together_all_find_it_in_wal_mode(
    tmp_path: Path,
) -> None:
    env = os.environ | {
        "ORION_HOME": str(tmp_path),
        "ORION_DATABASE_URL": f"sqlite:///{tmp_path}/new.db",
        "DJANGO_SETTINGS_MODULE": "orion_site.settings.test",
    }
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "print(*connection.cursor().execute('PRAGMA journal_mode').fetchone())"
    )
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=env, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]

    assert [opener.communicate()[0] for opener in openers] == [b"wal\n"] * 4
